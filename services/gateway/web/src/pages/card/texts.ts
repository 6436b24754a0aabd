import { texts, translator } from '$lib/i18n';
import { shared } from '$lib/texts';

export const t = translator(
  shared,
  texts({
    documentTitle: { es: 'Tu tarjeta de {shop}', en: 'Your {shop} card' },
    cards: { es: 'Tus tarjetas', en: 'Your cards' },

    missing: {
      es: { one: 'Te falta {n} sello', other: 'Te faltan {n} sellos' },
      en: { one: '{n} stamp to go', other: '{n} stamps to go' },
    },
    forWhat: { es: 'Tu premio: {title}', en: 'Your reward: {title}' },
    complete: { es: 'Tu tarjeta está completa', en: 'Your card is full' },
    next: { es: 'Tu próximo sello empieza una nueva.', en: 'Your next stamp begins a new one.' },
    has: {
      es: { one: 'Ya tienes {n} de {total} sellos', other: 'Ya tienes {n} de {total} sellos' },
      en: { one: 'You have {n} of {total} stamps', other: 'You have {n} of {total} stamps' },
    },
    won: {
      es: { one: 'Tienes un premio', other: 'Tienes {n} premios' },
      en: { one: 'You have a reward', other: 'You have {n} rewards' },
    },
    round: { es: 'Vuelta {n}', en: 'Round {n}' },

    code: { es: 'El código de tu tarjeta', en: 'The code of your card' },
    enlarge: { es: 'Agrandar el código', en: 'Enlarge the code' },
    show: { es: 'Muéstralo en la caja. Tócalo para agrandarlo.', en: 'Show it at the till. Tap it to enlarge it.' },
    brightness: { es: 'Sube el brillo de tu pantalla', en: 'Turn up the brightness of your screen' },

    rewards: { es: 'Tus premios', en: 'Your rewards' },
    rewardsHow: { es: 'Muestra tu código en la caja y pide tu premio.', en: 'Show your code at the till and ask for your reward.' },
    rewardUntil: { es: 'Vale hasta el {day}.', en: 'Good until {day}.' },
    rewardFrom: { es: { one: 'Con {n} sello', other: 'Con {n} sellos' }, en: { one: 'With {n} stamp', other: 'With {n} stamps' } },

    keepUnable: { es: 'Este navegador no deja guardar nada. No cierres esta página, o guarda su enlace.', en: 'This browser keeps nothing. Do not close this page, or save its link.' },

    belowFailed: { es: 'Tu historia y tus datos no cargaron. Prueba de nuevo cuando haya internet.', en: 'Your history and your data did not load. Try again when there is internet.' },
    justNow: { es: 'hace un momento', en: 'a moment ago' },
    stale: { es: 'Sin internet. Así estaba tu tarjeta {ago}; tu código sirve igual.', en: 'No internet. This is how your card was {ago}; your code works all the same.' },
    staleServer: { es: 'No pudimos actualizarla. Así estaba tu tarjeta {ago}; tu código sirve igual.', en: 'We could not refresh it. This is how your card was {ago}; your code works all the same.' },
    spentButHere: { es: 'Ese enlace ya se usó o venció, pero tu tarjeta ya estaba en este celular.', en: 'That link was used or has expired, but your card was already on this phone.' },

    noneTitle: { es: 'En este celular todavía no hay tarjetas', en: 'There are no cards on this phone yet' },
    none: { es: 'Escanea el afiche del negocio para pedir la tuya. Si ya la tenías en otro celular:', en: 'Scan the shop’s poster to get yours. If you had it on another phone:' },
    elsewhereTitle: { es: 'Esta tarjeta no está en este celular', en: 'This card is not on this phone' },
    refusedTitle: { es: 'Este enlace ya no abre la tarjeta', en: 'This link no longer opens the card' },
    comeBack: { es: 'Si es tuya, la recuperas con todos sus sellos:', en: 'If it is yours, you get it back with all its stamps:' },
    spentTitle: { es: 'Este enlace ya se usó o venció', en: 'This link was used or has expired' },
    spent: { es: 'Sirve una sola vez y vale 5 minutos. Pide otro en la caja o por WhatsApp, y ábrelo aquí.', en: 'It works once and is good for 5 minutes. Ask for another at the till or by WhatsApp, and open it here.' },
    cutTitle: { es: 'Tu tarjeta no terminó de cargar', en: 'Your card did not finish loading' },
    other: { es: 'Tus otras tarjetas', en: 'Your other cards' },
  }),
);
