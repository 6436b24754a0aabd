import { texts, translator } from '$lib/i18n';
import { shared } from '$lib/texts';
import { common } from '../../texts';
import { messaging } from '../texts';

const own = texts({
  about: {
    es: 'Mensajes que dejamos de intentar y esperan a que los mires. Lo que no llegó no se cobra.',
    en: 'Messages we gave up on, which wait for you to look at them. What did not arrive is not charged.',
  },
  emptyTitle: { es: 'No hay nada que intentar de nuevo', en: 'Nothing to try again' },
  empty: {
    es: 'Los demás que no llegaron, y por qué, están en cada campaña.',
    en: 'The others that did not arrive, and why, are told by each campaign.',
  },
  reasons: { es: 'Por qué', en: 'Why' },
  tried: { es: { one: '{n} intento', other: '{n} intentos' }, en: { one: '{n} try', other: '{n} tries' } },
  wrote: { es: 'Se escribió {ago}', en: 'Written {ago}' },
  again: { es: 'Intentar de nuevo', en: 'Try again' },
  againFor: { es: 'Intentar de nuevo: {name}', en: 'Try again: {name}' },
  all: { es: 'Intentar todos', en: 'Try all of them' },
  retried: { es: { one: 'Se intenta de nuevo con {n}.', other: 'Se intenta de nuevo con {n}.' }, en: { one: '{n} is tried again.', other: '{n} are tried again.' } },
  retriedOne: { es: 'Se intenta de nuevo. Puede tardar unos segundos.', en: 'It is tried again. That may take a few seconds.' },
  gone: { es: 'Ese ya no estaba pendiente.', en: 'That one was no longer waiting.' },
  cards: { es: '¿Tarjetas en la billetera que no se pusieron al día?', en: 'Cards in wallets that did not update?' },
  seeCards: { es: 'Ver Billeteras', en: 'See Wallets' },
});

export const t = translator({ ...shared, ...common, ...messaging }, own);
