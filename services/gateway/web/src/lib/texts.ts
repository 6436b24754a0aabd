import { texts } from './i18n';

/** What several pages say. Keep it small: every page ships it. */
export const shared = texts({
  retry: { es: 'Probar de nuevo', en: 'Try again' },
  close: { es: 'Cerrar', en: 'Close' },
  cancel: { es: 'Cancelar', en: 'Cancel' },
  back: { es: 'Volver', en: 'Back' },
  save: { es: 'Guardar', en: 'Save' },
  saved: { es: 'Guardado', en: 'Saved' },
  undo: { es: 'Deshacer', en: 'Undo' },
  more: { es: 'Leer más', en: 'Read more' },
  less: { es: 'Leer menos', en: 'Read less' },
  busy: { es: 'Un momento', en: 'One moment' },
  optional: { es: 'opcional', en: 'optional' },
  phone: { es: 'Celular', en: 'Mobile number' },
  fewer: { es: 'Quitar uno', en: 'One fewer' },
  another: { es: 'Agregar uno', en: 'One more' },
  stampsOf: {
    es: { one: '{n} de {total} sellos', other: '{n} de {total} sellos' },
    en: { one: '{n} of {total} stamps', other: '{n} of {total} stamps' },
  },
  rewardAt: {
    es: { one: 'Premio con {n} sello: {title}', other: 'Premio con {n} sellos: {title}' },
    en: { one: 'Reward at {n} stamp: {title}', other: 'Reward at {n} stamps: {title}' },
  },
  rewardPlace: { es: 'Premio con el sello {n}', en: 'Reward at stamp {n}' },
  ticketOpen: { es: 'Premio', en: 'Reward' },
  ticketRedeemed: { es: 'Canjeado', en: 'Redeemed' },
  ticketExpired: { es: 'Vencido', en: 'Expired' },
  offline: { es: 'Sin internet.', en: 'No internet.' },
});
