import { texts, translator } from '$lib/i18n';
import { shared } from '$lib/texts';
import { common } from '../texts';

const own = texts({
  stampsToday: { es: { one: 'sello hoy', other: 'sellos hoy' }, en: { one: 'stamp today', other: 'stamps today' } },
  moreThan: { es: '{n} más que {when}', en: '{n} more than {when}' },
  fewerThan: { es: '{n} menos que {when}', en: '{n} fewer than {when}' },
  same: { es: 'Igual que {when}', en: 'The same as {when}' },
  noneBoth: { es: 'Todavía ninguno; {when}, tampoco', en: 'None yet; nor {when}' },
  lastWeekByNow: { es: 'el {weekday} pasado a esta hora', en: 'last {weekday} by this time' },
  yesterdayByNow: { es: 'ayer a esta hora', en: 'yesterday by this time' },
  live: { es: 'En vivo', en: 'Live' },
  waiting: { es: 'Reconectando', en: 'Reconnecting' },
  asOf: { es: 'De las {time}', en: 'As of {time}' },
  cut: {
    es: 'Se cortó la conexión en vivo. Lo que ves es de las {time}; se pondrá al día solo.',
    en: 'The live connection was cut. What you see is from {time}; it will catch up by itself.',
  },
  joined: { es: { one: 'se unió', other: 'se unieron' }, en: { one: 'joined', other: 'joined' } },
  earned: { es: { one: 'premio', other: 'premios' }, en: { one: 'reward', other: 'rewards' } },
  redeemed: { es: { one: 'canje', other: 'canjes' }, en: { one: 'redeemed', other: 'redeemed' } },

  comeBack: { es: 'Quién vuelve', en: 'Who comes back' },
  comeBackSaid: {
    es: 'En 30 días vinieron {active} de tus {total} clientes: {returning} ya habían venido antes. {risk} en riesgo de no volver.',
    en: 'In 30 days {active} of your {total} customers came: {returning} had come before. {risk} at risk of not returning.',
  },
  ofTotal: { es: 'Vinieron {active} de {total} en 30 días', en: '{active} of {total} came in 30 days' },
  return: { es: { one: 'volvió', other: 'volvieron' }, en: { one: 'came back', other: 'came back' } },
  firstTime: { es: { one: 'por primera vez', other: 'por primera vez' }, en: { one: 'for the first time', other: 'for the first time' } },
  atRisk: { es: { one: 'en riesgo: dejó de venir', other: 'en riesgo: dejaron de venir' }, en: { one: 'at risk: stopped coming', other: 'at risk: stopped coming' } },
  nobodyYet: { es: 'Aquí verás quién vuelve, cuando vengan tus primeros clientes.', en: 'You will see who comes back here, once your first customers come.' },

  now: { es: 'Qué hacer ahora', en: 'What to do now' },
  costNothing: { es: 'No cuesta nada.', en: 'It costs nothing.' },
  make_program: { es: 'Haz tu tarjeta: cuántos sellos pide y qué regala.', en: 'Make your card: how many stamps it asks for and what it gives.' },
  make_program_do: { es: 'Hacer mi tarjeta', en: 'Make my card' },
  pair_till: { es: 'Vincula el celular de la caja: sin él nadie puede poner sellos.', en: 'Pair the phone at the till: without it nobody can stamp.' },
  pair_till_do: { es: 'Vincular la caja', en: 'Pair the till' },
  hang_poster: { es: 'Pega tu afiche junto a la caja. Con él se unen tus clientes.', en: 'Hang your poster by the till. Customers join with it.' },
  hang_poster_do: { es: 'Ver mi afiche', en: 'See my poster' },
  first_stamp: { es: 'Ya tienes clientes y ningún sello. Abre la caja y pon el primero.', en: 'You have customers and no stamps. Open the till and give the first.' },
  first_stamp_do: { es: 'Abrir la caja', en: 'Open the till' },
  slow_day: {
    es: { one: 'Va {n} sello menos que hace una semana. Pregunta en la caja si están sellando a todos.', other: 'Van {n} sellos menos que hace una semana. Pregunta en la caja si están sellando a todos.' },
    en: { one: '{n} stamp fewer than a week ago. Ask at the till whether everyone is being stamped.', other: '{n} stamps fewer than a week ago. Ask at the till whether everyone is being stamped.' },
  },
  slow_day_do: { es: 'Ver el equipo', en: 'See the team' },
  undelivered_now: {
    es: { one: 'La tarjeta de {n} cliente no se puso al día en su celular.', other: 'Las tarjetas de {n} clientes no se pusieron al día en su celular.' },
    en: { one: 'The card of {n} customer did not update on the phone.', other: 'The cards of {n} customers did not update on their phones.' },
  },
  undelivered_do: { es: 'Ver e intentar de nuevo', en: 'See, and try again' },
  at_risk: {
    es: { one: '{n} cliente venía seguido y ya no. Salúdalo por su nombre cuando pase.', other: '{n} clientes venían seguido y ya no. Salúdalos por su nombre cuando pasen.' },
    en: { one: '{n} customer came often and stopped. Greet them by name when they pass.', other: '{n} customers came often and stopped. Greet them by name when they pass.' },
  },
  at_risk_do: { es: 'Ver clientes', en: 'See customers' },
  nobody_joined: {
    es: 'Nadie se unió en 7 días. Pon el afiche donde se espera el vuelto, a la altura de los ojos.',
    en: 'Nobody joined in 7 days. Put the poster where people wait for change, at eye height.',
  },
  nobody_joined_do: { es: 'Imprimir el afiche', en: 'Print the poster' },
  rewards_open: {
    es: { one: 'Hay {n} premio ganado sin canjear. Recuérdaselo cuando venga.', other: 'Hay {n} premios ganados sin canjear. Recuérdaselos cuando vengan.' },
    en: { one: '{n} reward is earned and not redeemed. Remind them when they come.', other: '{n} rewards are earned and not redeemed. Remind them when they come.' },
  },
  rewards_open_cost: { es: 'Te costarían {soles}.', en: 'They would cost you {soles}.' },
  rewards_open_do: { es: 'Ver clientes', en: 'See customers' },
  all_well: { es: 'Todo en orden. Por ahora no hay nada que hacer.', en: 'All is well. There is nothing to do for now.' },

  roll: { es: 'Ahora mismo', en: 'Right now' },
  rollEmpty: { es: 'Cada sello, premio y cliente nuevo saldrá aquí apenas ocurra.', en: 'Each stamp, reward and new customer will come out here as it happens.' },
  someone: { es: 'Un cliente', en: 'A customer' },
  stamp_added: { es: { one: '{n} sello · {stamps} de {of}', other: '{n} sellos · {stamps} de {of}' }, en: { one: '{n} stamp · {stamps} of {of}', other: '{n} stamps · {stamps} of {of}' } },
  stamp_voided: { es: { one: 'se anuló {n} sello · {stamps} de {of}', other: 'se anularon {n} sellos · {stamps} de {of}' }, en: { one: '{n} stamp taken back · {stamps} of {of}', other: '{n} stamps taken back · {stamps} of {of}' } },
  reward_unlocked: { es: 'ganó: {title}', en: 'earned: {title}' },
  reward_redeemed: { es: 'canjeó: {title}', en: 'redeemed: {title}' },
  reward_unredeemed: { es: 'canje deshecho', en: 'redemption undone' },
  reward_expired: { es: 'se le venció un premio', en: 'a reward expired' },
  customer_enrolled: { es: 'se unió', en: 'joined' },
  customer_merged: { es: 'juntó dos tarjetas en una', en: 'two cards became one' },
  customer_erased: { es: 'borró sus datos', en: 'erased their data' },

  begin: { es: 'Para empezar', en: 'To begin' },
  beginText: { es: 'Tres pasos. Puedes dejar uno para después.', en: 'Three steps. You can leave one for later.' },
  stepProgram: { es: 'Haz tu tarjeta', en: 'Make your card' },
  stepProgramText: { es: 'Cuántos sellos pide y qué regala. Toma un minuto.', en: 'How many stamps it asks for, and what it gives. It takes a minute.' },
  stepPoster: { es: 'Imprime tu afiche', en: 'Print your poster' },
  stepPosterText: { es: 'Tus clientes lo escanean y tienen su tarjeta.', en: 'Customers scan it and have their card.' },
  stepTill: { es: 'Vincula la caja', en: 'Pair the till' },
  stepTillText: { es: 'El celular o tablet que pone los sellos.', en: 'The phone or tablet that stamps.' },
  later: { es: 'Después', en: 'Later' },
  done: { es: 'Hecho', en: 'Done' },
  month: { es: 'Mira más atrás', en: 'Look further back' },
});

export const t = translator({ ...shared, ...common }, own);
