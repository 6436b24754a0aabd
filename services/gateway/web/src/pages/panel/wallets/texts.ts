import { texts, translator } from '$lib/i18n';
import { shared } from '$lib/texts';
import { common } from '../texts';

const own = texts({
  about: {
    es: 'Las tarjetas que tus clientes guardaron en la billetera de su celular se ponen al día solas con cada sello. Aquí ves si algo no llegó.',
    en: 'Cards that customers keep in their phone’s wallet update themselves with every stamp. Here you see whether something did not arrive.',
  },
  states: { es: 'Cómo están', en: 'How they stand' },
  is_well: { es: 'Funciona', en: 'Working' },
  is_ending: { es: 'Por vencer', en: 'About to end' },
  is_trial: { es: 'De prueba', en: 'On trial' },
  is_stopped: { es: 'Detenida', en: 'Stopped' },
  is_off: { es: 'Apagada', en: 'Off' },
  offText: { es: 'Tus clientes no ven su botón. La enciende quien administra la plataforma.', en: 'Customers do not see its button. Whoever runs the platform turns it on.' },
  web: { es: 'Notificación web', en: 'Web notification' },
  offWeb: { es: 'Las tarjetas sin billetera no reciben avisos. Los enciende quien administra la plataforma.', en: 'Cards in no wallet get no notices. Whoever runs the platform turns them on.' },
  wellWeb: { es: 'Tus campañas llegan también a quien los activó en su tarjeta, sin costo.', en: 'Your campaigns also reach whoever turned them on on her card, free of charge.' },
  trialWeb: { es: 'Salen hacia un servicio de prueba: los celulares de verdad no los reciben.', en: 'They go to a service made for trying out: real phones do not get them.' },
  trialGoogle: {
    es: 'Está unida a un Google Wallet de prueba: los celulares de verdad no ven estas tarjetas.',
    en: 'It is joined to a Google Wallet made for trying out: real phones do not see these cards.',
  },
  trialApple: {
    es: 'Firma con un certificado hecho para probar: los celulares de verdad no aceptan estas tarjetas.',
    en: 'It signs with a certificate made for trying out: real phones do not take these cards.',
  },
  endedText: { es: 'Su certificado venció el {day}. Lo renueva quien administra la plataforma; después se pone al día sola.', en: 'Its certificate ended on {day}. Whoever runs the platform renews it; then it catches up by itself.' },
  stoppedText: { es: '{why} Lo arregla quien administra la plataforma; después se pone al día sola.', en: '{why} Whoever runs the platform mends it; then it catches up by itself.' },
  endingText: { es: 'Su certificado vence el {day}. Avisa a quien administra la plataforma.', en: 'Its certificate ends on {day}. Tell whoever runs the platform.' },
  until: { es: 'Certificado válido hasta el {day}.', en: 'Certificate good until {day}.' },
  wellText: { es: 'Los cambios llegan a los celulares en segundos.', en: 'Changes reach phones within seconds.' },

  dead: { es: 'No llegaron', en: 'Did not arrive' },
  deadText: { es: 'Dejamos de intentarlo. Los sellos están a salvo; solo la tarjeta del celular se quedó atrás.', en: 'We gave up trying. The stamps are safe; only the card on the phone fell behind.' },
  waiting: { es: 'En camino', en: 'On their way' },
  waitingText: { es: 'Se intentan solos. No tienes que hacer nada.', en: 'They are tried by themselves. There is nothing for you to do.' },
  emptyTitle: { es: 'Todo llegó', en: 'Everything arrived' },
  empty: { es: 'Las tarjetas en los celulares de tus clientes están al día.', en: 'The cards on your customers’ phones are up to date.' },
  someone: { es: 'Un cliente', en: 'A customer' },
  tried: { es: { one: '{n} intento', other: '{n} intentos' }, en: { one: '{n} try', other: '{n} tries' } },
  changed: { es: 'Cambió {ago}', en: 'Changed {ago}' },
  next: { es: 'se intenta otra vez {when}', en: 'tried again {when}' },
  again: { es: 'Intentar de nuevo', en: 'Try again' },
  againFor: { es: 'Intentar de nuevo: {name}, {wallet}', en: 'Try again: {name}, {wallet}' },
  all: { es: 'Intentar todas', en: 'Try all of them' },
  retried: { es: { one: 'Se intenta de nuevo con {n}.', other: 'Se intenta de nuevo con {n}.' }, en: { one: '{n} is tried again.', other: '{n} are tried again.' } },
  retriedOne: { es: 'Se intenta de nuevo. Puede tardar unos segundos.', en: 'It is tried again. That may take a few seconds.' },
  gone: { es: 'Esa ya no estaba pendiente.', en: 'That one was no longer waiting.' },

  notYet: { es: 'Está por salir hacia {wallet}.', en: 'About to leave for {wallet}.' },
  why_unreachable: { es: '{wallet} no respondía.', en: '{wallet} did not answer.' },
  why_slow: { es: '{wallet} tardó demasiado en responder.', en: '{wallet} took too long to answer.' },
  why_hurried: { es: '{wallet} pidió ir más despacio.', en: '{wallet} asked us to slow down.' },
  why_refused: { es: '{wallet} no acepta el permiso de la plataforma.', en: '{wallet} does not accept the platform’s permission.' },
  why_missing: { es: '{wallet} ya no encuentra esta tarjeta.', en: '{wallet} no longer finds this card.' },
  why_other: { es: '{wallet} rechazó el cambio ({reason}).', en: '{wallet} refused the change ({reason}).' },
});

export const t = translator({ ...shared, ...common }, own);
