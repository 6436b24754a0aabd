import { langTag, texts, translator } from '$lib/i18n';

/** The texts and gaps that every business has, by the names that WhatsApp knows them by. */
const known = texts({
  win_back: { es: 'Te extrañamos', en: 'We miss you' },
  birthday: { es: 'Cumpleaños', en: 'Birthday' },
  one_stamp_left: { es: 'Te falta un sello', en: 'One stamp to go' },
  reward_expiring: { es: 'Tu premio está por vencer', en: 'Your reward is about to expire' },
  welcome: { es: 'Bienvenida', en: 'Welcome' },
  feedback: { es: '¿Cómo te fue?', en: 'How was it?' },
  news: { es: 'Novedades', en: 'News' },
  first_name: { es: 'Su nombre', en: 'Her name' },
  business: { es: 'Tu negocio', en: 'Your business' },
  stamps: { es: 'Sus sellos', en: 'Her stamps' },
  stamps_left: { es: 'Los que le faltan', en: 'Those still left' },
  reward: { es: 'Su premio', en: 'Her reward' },
  gift: { es: 'El regalo', en: 'The gift' },
});

const say = translator(known);

/** Names are for machines; of one that this page does not know, the best is made: `te_extranamos` → `Te extranamos`. */
function title(name: string): string {
  const key = name.toLowerCase();
  if (Object.hasOwn(known, key)) return say(key as keyof typeof known);
  const words = name.replaceAll(/[_-]+/g, ' ').trim();
  return words.charAt(0).toLocaleUpperCase(langTag) + words.slice(1);
}

export { title as templateTitle, title as variableTitle };
