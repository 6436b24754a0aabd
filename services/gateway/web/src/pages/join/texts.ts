import { texts, translator } from '$lib/i18n';
import { shared } from '$lib/texts';

export const t = translator(
  shared,
  texts({
    title: { es: 'Únete', en: 'Join' },
  }),
);
