import { texts, translator } from '$lib/i18n';
import { shared } from '$lib/texts';
import { common } from '../../texts';
import { messaging } from '../texts';

const own = texts({
  about: { es: 'Mensajes que dejamos de intentar, y por qué. Lo que no llegó no se cobra.', en: 'Messages we gave up on, and why. What did not arrive is not charged.' },
  emptyTitle: { es: 'Todo llegó', en: 'Everything arrived' },
  empty: { es: 'Ningún mensaje se quedó en el camino.', en: 'No message got lost on the way.' },
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
