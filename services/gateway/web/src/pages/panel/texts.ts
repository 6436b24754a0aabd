import { texts, translator } from '$lib/i18n';
import { shared } from '$lib/texts';

/** What every room of the panel says; a room's own words are in its folder, and travel with it. */
export const common = texts({
  title: { es: 'Panel', en: 'Panel' },
  rooms: { es: 'Partes del panel', en: 'Parts of the panel' },
  skip: { es: 'Saltar al contenido', en: 'Skip to content' },
  today: { es: 'Hoy', en: 'Today' },
  customers: { es: 'Clientes', en: 'Customers' },
  program: { es: 'Programa', en: 'Program' },
  team: { es: 'Equipo', en: 'Team' },
  teamLong: { es: 'Equipo y cajas', en: 'Team and tills' },
  poster: { es: 'Afiche', en: 'Poster' },
  wallets: { es: 'Billeteras', en: 'Wallets' },
  undelivered: {
    es: { one: '{n} tarjeta se quedó atrás', other: '{n} tarjetas se quedaron atrás' },
    en: { one: '{n} card fell behind', other: '{n} cards fell behind' },
  },
  messages: { es: 'Mensajes', en: 'Messages' },
  unread: {
    es: { one: '{n} mensaje sin leer', other: '{n} mensajes sin leer' },
    en: { one: '{n} unread message', other: '{n} unread messages' },
  },
  settings: { es: 'Ajustes', en: 'Settings' },
  moreRooms: { es: 'Más', en: 'More' },
  openTill: { es: 'Abrir la caja', en: 'Open the till' },
  signOut: { es: 'Cerrar sesión', en: 'Sign out' },
  roomFailed: {
    es: 'No pudimos abrir esta parte. Revisa tu conexión y prueba de nuevo.',
    en: 'We could not open this part. Check your connection and try again.',
  },
  stamperTitle: { es: 'El panel es para dueños y encargados', en: 'The panel is for owners and managers' },
  stamperText: {
    es: 'Tu cuenta es de caja. Entra a la caja para poner sellos y entregar premios.',
    en: 'Your account is for the till. Open the till to stamp and hand over rewards.',
  },
  nowhere: { es: 'Aquí no hay nada', en: 'There is nothing here' },
  nowhereText: { es: 'La dirección no existe. Vuelve al inicio del panel.', en: 'This address does not exist. Go back to the start of the panel.' },
  goToday: { es: 'Ir a hoy', en: 'Go to today' },
  offlineBar: {
    es: 'No hay internet. Puedes mirar lo que ya cargó; los cambios esperan a que vuelva.',
    en: 'There is no internet. You can look at what is here; changes wait until it is back.',
  },
  asTable: { es: 'Ver como tabla', en: 'Show as a table' },
  asChart: { es: 'Ver como dibujo', en: 'Show as a drawing' },
  csv: { es: 'Descargar CSV', en: 'Download CSV' },
  copy: { es: 'Copiar', en: 'Copy' },
  copied: { es: 'Copiado', en: 'Copied' },
  copyFailed: { es: 'No se pudo copiar. Mantén presionado el texto y cópialo.', en: 'It could not be copied. Press and hold the text to copy it.' },
  share: { es: 'Compartir', en: 'Share' },
  loadMore: { es: 'Ver más', en: 'Show more' },
  allPlaces: { es: 'Todos los locales', en: 'All locations' },
  owner: { es: 'Dueño', en: 'Owner' },
  manager: { es: 'Encargado', en: 'Manager' },
  stamper: { es: 'Caja', en: 'Till' },
  never: { es: 'todavía nunca', en: 'never yet' },
  yes: { es: 'Sí', en: 'Yes' },
  no: { es: 'No', en: 'No' },
  stamps: { es: { one: '{n} sello', other: '{n} sellos' }, en: { one: '{n} stamp', other: '{n} stamps' } },
  trace: { es: 'Si sigue pasando, dile este código a quien administra la plataforma:', en: 'If it goes on, tell whoever runs the platform this code:' },
  fieldShort: { es: 'Es muy corto.', en: 'This is too short.' },
  fieldRange: { es: 'El número está fuera de lo permitido.', en: 'The number is out of range.' },
  fieldNamed: { es: '{why} El dato es «{field}».', en: '{why} It is about “{field}”.' },
  fieldTaken: { es: 'Ya está en uso. Prueba con otro.', en: 'This is taken. Try another.' },
});

export const t = translator(shared, common);
