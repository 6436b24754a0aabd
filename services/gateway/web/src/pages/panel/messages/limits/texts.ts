import { texts, translator } from '$lib/i18n';
import { shared } from '$lib/texts';
import { common } from '../../texts';
import { messaging } from '../texts';

const own = texts({
  account: { es: 'Tu cuenta de WhatsApp', en: 'Your WhatsApp account' },
  acc_off: { es: 'Apagada', en: 'Off' },
  acc_waiting: { es: 'Por aprobar', en: 'To be approved' },
  acc_approved: { es: 'Aprobada', en: 'Approved' },
  acc_stopped: { es: 'Detenida', en: 'Stopped' },
  offText: { es: 'Esta plataforma no tiene WhatsApp. Lo enciende quien la administra. Mientras tanto puedes avisar en la billetera, gratis.', en: 'This platform has no WhatsApp. Whoever runs it turns it on. Meanwhile you can write to wallets, for free.' },
  waitingText: {
    es: 'Escríbele a quien administra la plataforma y pídele que apruebe a tu negocio. Hasta entonces no sale ni se cobra nada; puedes ir preparando tus campañas.',
    en: 'Write to whoever runs the platform and ask for your business to be approved. Until then nothing leaves or is charged; you can prepare your campaigns.',
  },
  approvedText: { es: 'Escribes desde {sender}.', en: 'You write from {sender}.' },
  stoppedText: { es: 'Quien administra la plataforma detuvo tus mensajes. Pregúntale por qué.', en: 'Whoever runs the platform has stopped your messages. Ask them why.' },
  fake: { es: 'De prueba: los mensajes van a celulares simulados y no cuestan.', en: 'On trial: messages go to simulated phones and cost nothing.' },
  seeFake: { es: 'Ver esos celulares', en: 'See those phones' },
  waitingNow: { es: { one: '{n} mensaje espera su turno.', other: '{n} mensajes esperan su turno.' }, en: { one: '{n} message waits its turn.', other: '{n} messages wait their turn.' } },

  budget: { es: 'Presupuesto', en: 'Budget' },
  budgetText: { es: 'Cuando se acaba, los mensajes esperan hasta 3 días; después ya no salen. Nunca gastas más. La publicidad deja libre el 5% para tus respuestas y avisos.', en: 'When it is used up, messages wait for up to 3 days, and then leave no more. You never spend more. Advertising leaves 5% free for your answers and notices.' },
  today: { es: 'Hoy', en: 'Today' },
  month: { es: 'Este mes', en: 'This month' },
  spentOf: { es: '{spent} de {budget}', en: '{spent} of {budget}' },
  limitIs: { es: 'Puedes ponerlo hasta {limit}.', en: 'You can set it up to {limit}.' },
  editBudget: { es: 'Cambiar presupuesto', en: 'Change the budget' },
  daily: { es: 'Por día', en: 'A day' },
  monthly: { es: 'Por mes', en: 'A month' },
  moneyWrong: { es: 'Escribe un monto, como 20 o 20.50.', en: 'Write an amount, such as 20 or 20.50.' },
  overLimit: { es: 'Lo máximo es {limit}.', en: 'The most is {limit}.' },
  ownerOnly: { es: 'Solo el dueño puede cambiar el presupuesto.', en: 'Only the owner can change the budget.' },
  budgetSaved: { es: 'Presupuesto guardado.', en: 'Budget saved.' },

  quality: { es: 'Calidad, últimos 7 días', en: 'Quality, the last 7 days' },
  qualityText: { es: 'Si muchos se dan de baja o te bloquean, WhatsApp te frena. Antes de eso te frenamos nosotros.', en: 'If many opt out or block you, WhatsApp slows you down. We do so before that.' },
  optOuts: { es: 'Pidieron no recibir más', en: 'Asked for no more' },
  blocks: { es: 'Te bloquearon', en: 'Blocked you' },
  rateOf: { es: '{rate} ({n} de {of})', en: '{rate} ({n} of {of})' },
  bound: { es: 'máximo {bound}', en: 'at most {bound}' },
  state_none: { es: 'Todo bien.', en: 'All well.' },
  state_slowed: { es: 'Vamos más despacio: {why}. Escribe a menos personas, y con algo que les sirva.', en: 'Going slower: {why}. Write to fewer people, with something of use to them.' },
  state_stopped: { es: 'La publicidad está detenida: {why}. Se reanuda sola cuando baje; los avisos de sellos siguen.', en: 'Advertising is stopped: {why}. It goes on by itself when that falls; notes about stamps go on.' },
  why_opt_outs: { es: 'muchos pidieron no recibir más', en: 'many asked for no more' },
  why_blocks: { es: 'muchos te bloquearon', en: 'many blocked you' },
  noneDelivered: { es: 'Sin mensajes entregados en 7 días.', en: 'No messages delivered in 7 days.' },

  tier: { es: 'Personas en 24 horas', en: 'People in 24 hours' },
  tierText: { es: 'WhatsApp limita a cuántas personas distintas se les escribe primero. Sube solo cuando se usa bien.', en: 'WhatsApp limits how many different people are written to first. It rises by itself when it is used well.' },
  usedOf: { es: '{used} de {limit}', en: '{used} of {limit}' },
  noLimit: { es: '{used}, sin límite', en: '{used}, without a limit' },
  toHalf: { es: { one: 'Al paso de hoy, en {n} día llegas a la mitad: ahí WhatsApp puede subirte.', other: 'Al paso de hoy, en {n} días llegas a la mitad: ahí WhatsApp puede subirte.' }, en: { one: 'At today’s pace you reach half in {n} day: there WhatsApp may raise you.', other: 'At today’s pace you reach half in {n} days: there WhatsApp may raise you.' } },

  connection: { es: 'Conexión con WhatsApp', en: 'Connection to WhatsApp' },
  circuit_closed: { es: 'Funciona.', en: 'Working.' },
  circuit_open: { es: 'WhatsApp no responde. Probamos cada cierto rato; la publicidad que espere más de 3 días no sale.', en: 'WhatsApp does not answer. We try every now and then; advertising that waits for more than 3 days does not leave.' },
  circuit_half_open: { es: 'WhatsApp está volviendo: probamos con pocos mensajes.', en: 'WhatsApp is coming back: we try with a few messages.' },
  quiet: { es: 'Horas de descanso', en: 'Quiet hours' },
  quietText: { es: 'De {from} a {until} no sale publicidad, tampoco a las billeteras. Los avisos de sellos y tus respuestas sí.', en: 'From {from} to {until} no advertising leaves, not to wallets either. Notes about stamps and your answers do.' },
  quietNone: { es: 'Se puede escribir a cualquier hora.', en: 'Messages may leave at any hour.' },
  dead: { es: { one: '{n} mensaje no llegó.', other: '{n} mensajes no llegaron.' }, en: { one: '{n} message did not arrive.', other: '{n} messages did not arrive.' } },
  seeDead: { es: 'Ver por qué', en: 'See why' },
});

export const t = translator({ ...shared, ...common, ...messaging }, own);
