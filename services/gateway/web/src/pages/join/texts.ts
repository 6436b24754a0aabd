import { texts, translator } from '$lib/i18n';
import { shared } from '$lib/texts';

export const t = translator(
  shared,
  texts({
    documentTitle: { es: 'Tu tarjeta de {shop}', en: 'Your {shop} card' },
    title: { es: 'Pide tu tarjeta', en: 'Get your card' },
    promise: { es: 'Queda en tu celular: sin aplicación y sin contraseña.', en: 'It stays on your phone: no app, no password.' },
    welcome: {
      es: { one: 'Empiezas con {n} sello de regalo.', other: 'Empiezas con {n} sellos de regalo.' },
      en: { one: 'You start with {n} stamp as a present.', other: 'You start with {n} stamps as a present.' },
    },
    invited: {
      es: 'Te invitaron: con tu primer sello, los dos ganan uno más.',
      en: 'You were invited: with your first stamp you both get one more.',
    },
    name: { es: 'Tu nombre', en: 'Your name' },
    nameHint: { es: 'Como quieres que te llamen en la caja.', en: 'What you would like to be called at the till.' },
    phoneHint: { es: 'Con este número se recupera tu tarjeta si cambias de celular.', en: 'This number brings your card back if you change phones.' },
    age: { es: 'Tengo 14 años o más.', en: 'I am 14 or older.' },
    optionalTitle: { es: 'Solo si quieres', en: 'Only if you like' },
    adult: { es: 'Tengo 18 años o más.', en: 'I am 18 or older.' },
    join: { es: 'Quiero mi tarjeta', en: 'Get my card' },
    needsAge: { es: 'Marca esta casilla si tienes 14 años o más. La tarjeta es desde esa edad.', en: 'Tick this box if you are 14 or older. The card is for that age and up.' },
    needsProgram: { es: 'Marca esta casilla: sin ese permiso no podemos llevar tu tarjeta.', en: 'Tick this box: without it we cannot keep your card.' },
    needsAdult: { es: 'Marca esta casilla, o quita la de promociones: son desde los 18 años.', en: 'Tick this box, or untick promotions: they are for 18 and up.' },
    stillHere: { es: 'Lo que escribiste sigue aquí.', en: 'What you typed is still here.' },

    unknownTitle: { es: 'No encontramos este negocio', en: 'We could not find this shop' },
    unknown: { es: 'Puede que al enlace le falte un pedazo. Escanea otra vez el afiche, o pide el enlace en la caja.', en: 'Part of the link may be missing. Scan the poster again, or ask for the link at the till.' },
    closedTitle: { es: '{shop} todavía no tiene tarjeta', en: '{shop} has no card yet' },
    closed: { es: 'Vuelve a escanear el afiche más adelante, o pregunta en la caja.', en: 'Scan the poster again later, or ask at the till.' },
    cut: { es: 'La página no terminó de cargar', en: 'The page did not finish loading' },

    hereTitle: { es: 'Ya tienes tu tarjeta en este celular', en: 'You already have your card on this phone' },
    open: { es: 'Abrir mi tarjeta', en: 'Open my card' },
    another: { es: 'Pedir otra con otro número', en: 'Get another with another number' },

    knownTitle: { es: 'Este número ya tiene una tarjeta aquí', en: 'This number already has a card here' },
    known: { es: 'Si el número es tuyo, recuperas la tarjeta con todos sus sellos:', en: 'If the number is yours, you get the card back with all its stamps:' },
    knownWhatsapp: { es: 'Si el número es tuyo, envía el mensaje ya escrito desde ese número y te respondemos con tu tarjeta y todos sus sellos.', en: 'If the number is yours, send the prepared message from that number and we answer with your card and all its stamps.' },
    recover: { es: 'Recupérala por WhatsApp', en: 'Get it back by WhatsApp' },
    orTill: { es: 'O pídela en la caja', en: 'Or ask for it at the till' },
    knownWhy: { es: 'Así nadie que solo sepa tu número puede ver tu tarjeta.', en: 'This way nobody who merely knows your number can see your card.' },
    correct: { es: 'Corregir el número', en: 'Correct the number' },

    doneTitle: { es: 'Esta es tu tarjeta, {name}', en: 'This is your card, {name}' },
    done: { es: 'Muéstrala en la caja cada vez que vengas.', en: 'Show it at the till each time you come.' },
    keepTitle: { es: 'Guárdala para encontrarla', en: 'Keep it where you find it' },
    keepHome: { es: 'A la pantalla de inicio', en: 'To the home screen' },
    keepSend: { es: 'Enviarme el enlace', en: 'Send myself the link' },
    keepCare: { es: 'El enlace abre tu tarjeta: envíatelo solo a ti.', en: 'The link opens your card: send it only to yourself.' },
    linkTitle: { es: 'Mi tarjeta de {shop}', en: 'My {shop} card' },
    marketingPending: { es: 'Las promociones empiezan solo cuando lo confirmes desde tu WhatsApp. Hasta entonces nadie te escribe.', en: 'Promotions begin only when you confirm from your own WhatsApp. Until then nobody writes to you.' },
    confirmTitle: { es: 'Falta confirmar tus promociones', en: 'Your promotions are not confirmed yet' },
    confirmWhy: { es: 'Envía el mensaje ya escrito: así sabemos que el número es tuyo y que tú las pediste. Hasta entonces nadie te escribe.', en: 'Send the prepared message: it shows that the number is yours and that you asked for them. Until then nobody writes to you.' },
    confirm: { es: 'Confirma por WhatsApp', en: 'Confirm by WhatsApp' },
    unkept: { es: 'Este navegador no deja guardar nada. Envíate el enlace antes de cerrar.', en: 'This browser keeps nothing. Send yourself the link before closing.' },
  }),
);
