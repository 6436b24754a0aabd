import { texts, translator } from '$lib/i18n';
import { shared } from '$lib/texts';
import { common } from '../../texts';
import { messaging } from '../texts';

const own = texts({
  write: { es: 'Escribir una campaña', en: 'Write a campaign' },
  goOn: { es: 'Seguir con tu borrador', en: 'Go on with your draft' },
  emptyTitle: { es: 'Todavía no le escribes a nadie', en: 'You have not written to anybody yet' },
  empty: {
    es: 'Elige a quiénes, mira cuánto cuesta y cómo se verá en su celular. Nada sale hasta que tocas Enviar.',
    en: 'Choose whom, see what it costs and how it will look on her phone. Nothing leaves until you press Send.',
  },
  emptyDo: { es: 'Escribir la primera', en: 'Write the first one' },
  startWith: { es: 'Empieza con una de estas', en: 'Begin with one of these' },
  start_away: { es: 'No vienen hace 30 días', en: 'Have not come for 30 days' },
  start_one_left: { es: 'Les falta un sello', en: 'One stamp to go' },
  start_birthday: { es: 'Cumplen este mes', en: 'Birthday this month' },
  planned: { es: 'A {n} personas', en: 'To {n} people' },
  spent: { es: 'Va costando {soles}', en: '{soles} so far' },
  spentAll: { es: 'Costó {soles}', en: 'It cost {soles}' },
  soFar: { es: 'Avance', en: 'Progress' },
  nothingSent: { es: 'Todavía no sale nada.', en: 'Nothing has left yet.' },
  onDay: { es: 'Se envió el {day}', en: 'Sent on {day}' },
  startsAt: { es: 'Sale el {day}', en: 'Leaves on {day}' },
  madeOn: { es: 'Escrito el {day}', en: 'Written on {day}' },
  endedOn: { es: 'Cancelada el {day}', en: 'Canceled on {day}' },

  pause: { es: 'Pausar', en: 'Pause' },
  pauseTitle: { es: '¿Pausar esta campaña?', en: 'Pause this campaign?' },
  pauseText: {
    es: { one: 'Desde ahora no sale ningún mensaje más: {n} se queda esperando. Los que ya salieron siguen su camino. Puedes reanudarla cuando quieras.', other: 'Desde ahora no sale ningún mensaje más: {n} se quedan esperando. Los que ya salieron siguen su camino. Puedes reanudarla cuando quieras.' },
    en: { one: 'From now on no more messages leave: {n} waits. Those that left are on their way. You can resume it at any time.', other: 'From now on no more messages leave: {n} wait. Those that left are on their way. You can resume it at any time.' },
  },
  paused: { es: 'En pausa. No sale nada más hasta que la reanudes.', en: 'Paused. Nothing more leaves until you resume it.' },
  pausedText: {
    es: {
      one: '{n} mensaje espera. Al reanudar sale, salvo que otra campaña ya le haya escrito a esa persona esa semana. Si cancelas, no sale nunca.',
      other: '{n} mensajes esperan. Al reanudar salen, salvo para quienes recibieron otra campaña esa semana. Si cancelas, no salen nunca.',
    },
    en: {
      one: '{n} message waits. It leaves when you resume, unless another campaign has written to that person that week. If you cancel, it never leaves.',
      other: '{n} messages wait. They leave when you resume, but for those who had another campaign that week. If you cancel, they never leave.',
    },
  },
  resume: { es: 'Reanudar', en: 'Resume' },
  resumed: { es: 'Sigue enviando.', en: 'Sending again.' },
  cancelDo: { es: 'Cancelar campaña', en: 'Cancel campaign' },
  cancelTitle: { es: '¿Cancelar esta campaña?', en: 'Cancel this campaign?' },
  cancelText: {
    es: { one: '{n} mensaje que no ha salido no saldrá nunca, y no se cobra. Los que ya salieron no se pueden recoger. No se puede deshacer.', other: '{n} mensajes que no han salido no saldrán nunca, y no se cobran. Los que ya salieron no se pueden recoger. No se puede deshacer.' },
    en: { one: '{n} message that has not left never will, and is not charged. Those that left cannot be called back. This cannot be undone.', other: '{n} messages that have not left never will, and are not charged. Those that left cannot be called back. This cannot be undone.' },
  },
  cancelScheduled: { es: 'No saldrá ningún mensaje. No se puede deshacer; puedes escribir otra.', en: 'No message will leave. This cannot be undone; you can write another.' },
  cancelYes: { es: 'Sí, cancelar', en: 'Yes, cancel' },
  keep: { es: 'No, dejarla', en: 'No, keep it' },
  canceled: { es: 'Cancelada. No sale nada más.', en: 'Canceled. Nothing more leaves.' },
  edit: { es: 'Cambiar', en: 'Change' },
  goOnWriting: { es: 'Seguir escribiendo', en: 'Go on writing' },
  draftText: { es: 'Es un borrador: nadie ha recibido nada.', en: 'It is a draft: nobody has received anything.' },
  notFound: { es: 'Esta campaña no existe', en: 'There is no such campaign' },

  heldBack: {
    es: { one: '{n} persona se quedó sin mensaje, para comparar.', other: '{n} personas se quedaron sin mensaje, para comparar.' },
    en: { one: '{n} person got no message, to compare with.', other: '{n} people got no message, to compare with.' },
  },
  followFailed: {
    es: { one: 'Seguimiento fallido: a {n} le llegó por su tarjeta, pero no el WhatsApp de después.', other: 'Seguimiento fallido: a {n} les llegó por su tarjeta, pero no el WhatsApp de después.' },
    en: { one: 'Follow-up failed: {n} had it on the card, but not the WhatsApp after it.', other: 'Follow-up failed: {n} had it on the card, but not the WhatsApp after it.' },
  },
  seeFailed: { es: 'Ver por qué no llegaron', en: 'See why they did not arrive' },

  month: { es: 'En los últimos 30 días', en: 'In the last 30 days' },
  byDay: { es: 'Ver día por día', en: 'See day by day' },
  monthArrived: { es: 'Llegó el {share} de lo que salió.', en: '{share} of what left arrived.' },
  monthBefore: { es: 'En los 30 días de antes, el {share}.', en: 'In the 30 days before, {share}.' },

  results: { es: '¿Sirvió?', en: 'Did it work?' },
  cameBack: { es: 'Volvieron en 14 días', en: 'Came within 14 days' },
  written: { es: 'Les escribiste', en: 'You wrote to' },
  holdout: { es: 'Sin mensaje', en: 'No message' },
  ofN: { es: '{back} de {n}', en: '{back} of {n}' },
  early: { es: 'Aún no se sabe. Lo sabremos desde el {day}.', en: 'Not known yet. We will know from {day} on.' },
  earlyWhy: { es: 'Cada persona tiene 14 días para volver; antes, el número engaña.', en: 'Each person has 14 days to come; before that the number misleads.' },
  few: { es: 'Aún no se sabe. Son muy pocas personas para poder decirlo.', en: 'Not known. There are too few people to tell.' },
  fewWhy: { es: 'Con más personas, o dejando a 1 de cada 10 sin mensaje, se puede saber.', en: 'With more people, or leaving 1 in 10 without a message, it can be known.' },
  up: { es: 'Sí sirvió: por cada 100 personas a las que escribiste hubo {middle} visitas más.', en: 'It worked: for every 100 people you wrote to there were {middle} more visits.' },
  down: { es: 'No sirvió: por cada 100 personas a las que escribiste hubo {middle} visitas menos.', en: 'It did not work: for every 100 people you wrote to there were {middle} fewer visits.' },
  none: { es: 'No se nota diferencia: vinieron casi igual con mensaje y sin él.', en: 'No difference can be seen: they came about as often with a message as without.' },
  interval: { es: 'Lo más probable: entre {low} y {high} visitas por cada 100.', en: 'Most likely: between {low} and {high} visits for every 100.' },
  more: { es: 'más visitas', en: 'more visits' },
  fewer: { es: 'menos visitas', en: 'fewer visits' },
  same: { es: 'igual', en: 'the same' },
  solesPerSol: { es: 'Por cada S/ 1 que gastaste, entraron {soles} (entre {low} y {high}).', en: 'For each S/ 1 you spent, {soles} came in (between {low} and {high}).' },
  optedOut: { es: { one: '{n} persona pidió no recibir más mensajes.', other: '{n} personas pidieron no recibir más mensajes.' }, en: { one: '{n} person asked for no more messages.', other: '{n} people asked for no more messages.' } },
  nobodyOut: { es: 'Nadie pidió dejar de recibir mensajes.', en: 'Nobody asked for no more messages.' },
  noHoldout: { es: 'Le escribiste a todos, así que no hay con quién comparar.', en: 'You wrote to everybody, so there is nobody to compare with.' },
});

export const t = translator({ ...shared, ...common, ...messaging }, own);
