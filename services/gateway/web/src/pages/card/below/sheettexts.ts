import { texts, translator } from '$lib/i18n';
import { shared } from '$lib/texts';

const own = texts({
  keepWhy: { es: 'Así la abres con un toque, también sin internet.', en: 'One tap opens it then, even without internet.' },
  keepNow: { es: 'Guardar ahora', en: 'Keep it now' },
  keepIos1: { es: 'Toca el botón Compartir de tu navegador.', en: 'Tap your browser’s Share button.' },
  keepIos2: { es: 'Elige «Agregar a pantalla de inicio».', en: 'Choose “Add to Home Screen”.' },
  keepMenu1: { es: 'Abre el menú de tu navegador, arriba o abajo a la derecha.', en: 'Open your browser’s menu, at the top or bottom right.' },
  keepMenu2: { es: 'Elige «Agregar a la pantalla principal».', en: 'Choose “Add to Home screen”.' },
  keepDone: { es: 'Listo: la tarjeta está en tu pantalla de inicio.', en: 'Done: the card is on your home screen.' },
  noticesWhat: { es: 'Cuando {shop} tenga algo para ti, este celular te avisa. Es gratis y lo apagas cuando quieras.', en: 'When {shop} has something for you, this phone tells you. It is free, and you turn it off whenever you like.' },
  noticesConsent: { es: 'Llegan solo si aceptaste recibir sus promociones.', en: 'They come only if you agreed to hear of its offers.' },
  noticesOn: { es: 'Activar avisos', en: 'Turn on notices' },
  noticesOff: { es: 'Apagar avisos', en: 'Turn off notices' },
  noticesAreOn: { es: 'Listo: te avisaremos aquí.', en: 'Done: we will notify you here.' },
  noticesDenied: { es: 'Tu navegador no deja que te avisemos. Permite las notificaciones en sus ajustes y prueba de nuevo.', en: 'Your browser does not let us notify you. Allow notifications in its settings and try again.' },
  noticesFailed: { es: 'Tu navegador no pudo activar los avisos. Prueba de nuevo cuando haya internet.', en: 'Your browser could not turn on notices. Try again when there is internet.' },
  dataKept: { es: '{shop} guarda de ti', en: 'What {shop} keeps about you' },
  dataName: { es: 'Tu nombre: {name}', en: 'Your name: {name}' },
  dataPhone: { es: 'Tu celular, y tu cumpleaños si lo diste', en: 'Your phone number, and your birthday if you gave it' },
  dataStamps: { es: 'Tus sellos y tus premios, con fecha y hora', en: 'Your stamps and rewards, with date and time' },
  dataConsent: { es: 'Los permisos que diste, y cuándo', en: 'The permissions you gave, and when' },
  dataNotices: { es: 'Si activas los avisos, por dónde llegan a tu navegador', en: 'If you turn on notices, where they reach your browser' },
  dataRights: { es: 'Son tuyos', en: 'They are yours' },
  dataHow: {
    es: 'Puedes verlos, corregirlos, llevarte una copia, dejar de recibir promociones o borrarlo todo. Por ahora pídelo en la caja, con este celular en la mano: así se sabe que eres tú.',
    en: 'You may see them, correct them, take a copy, stop promotions or erase everything. For now ask at the till, with this phone in hand: that shows it is you.',
  },
  forget: { es: 'Quitar la tarjeta de este celular', en: 'Take the card off this phone' },
  forgetAsk: { es: '¿Quitar la tarjeta de este celular?', en: 'Take the card off this phone?' },
  forgetWhat: { es: 'No pierdes tus sellos. Para volver a abrirla aquí necesitarás su enlace, o un QR de la caja.', en: 'You lose no stamps. To open it here again you will need its link, or a QR from the till.' },
  forgetYes: { es: 'Quitarla', en: 'Take it off' },
  rotateAsk: { es: '¿Cambiar tu código?', en: 'Change your code?' },
  rotateWhat: { es: 'Útil si alguien tiene una foto de tu código: la foto dejará de servir. Tus sellos y premios siguen igual.', en: 'Useful if someone has a picture of your code: the picture will stop working. Your stamps and rewards stay.' },
  rotateYes: { es: 'Cambiarlo', en: 'Change it' },
  rotated: { es: 'Listo: este es tu código nuevo.', en: 'Done: this is your new code.' },
});

/** What the sheets say, which travel apart from the rows that open them. */
export const t = translator(shared, own);
