import { texts, translator } from '$lib/i18n';
import { shared } from '$lib/texts';
import { common } from '../texts';

/** What several parts of the room of messages say. */
export const messaging = texts({
  sections: { es: 'Partes de mensajes', en: 'Parts of messages' },
  campaigns: { es: 'Campañas', en: 'Campaigns' },
  automations: { es: 'Automáticos', en: 'Automatic' },
  inbox: { es: 'Bandeja', en: 'Inbox' },
  failed: { es: 'No llegaron', en: 'Not delivered' },
  limits: { es: 'Calidad y límites', en: 'Quality and limits' },

  is_draft: { es: 'Borrador', en: 'Draft' },
  is_scheduled: { es: 'Programada', en: 'Scheduled' },
  is_running: { es: 'Enviando', en: 'Sending' },
  is_paused: { es: 'En pausa', en: 'Paused' },
  is_canceled: { es: 'Cancelada', en: 'Canceled' },
  is_done: { es: 'Enviada', en: 'Sent' },

  part_read: { es: { one: 'leído', other: 'leídos' }, en: { one: 'read', other: 'read' } },
  part_delivered: { es: { one: 'entregado', other: 'entregados' }, en: { one: 'delivered', other: 'delivered' } },
  part_sent: { es: { one: 'enviado', other: 'enviados' }, en: { one: 'sent', other: 'sent' } },
  part_waiting: { es: { one: 'por salir', other: 'por salir' }, en: { one: 'to go', other: 'to go' } },
  part_failed: { es: { one: 'no llegó', other: 'no llegaron' }, en: { one: 'not delivered', other: 'not delivered' } },
  part_canceled: { es: { one: 'cancelado', other: 'cancelados' }, en: { one: 'canceled', other: 'canceled' } },

  held_budget: {
    es: 'Espera: se acabó lo que tu presupuesto da para publicidad, que deja libre el 5% para tus respuestas y avisos. Súbelo, o sigue cuando empiece otro día o, si se acabó el del mes, otro mes. Lo que espere más de 3 días no sale.',
    en: 'Waiting: what your budget has for advertising is used up, which leaves 5% free for your answers and notices. Raise it, or it goes on with the next day or, if the month’s is used up, the next month. What waits for more than 3 days does not leave.',
  },
  held_tier: {
    es: 'Espera: WhatsApp solo deja escribir a cierta cantidad de personas por día. Sigue sola cuando haya lugar; lo que espere más de 3 días no sale.',
    en: 'Waiting: WhatsApp lets you write to only so many people a day. It goes on by itself when there is room; what waits for more than 3 days does not leave.',
  },
  held_quiet_hours: { es: 'Espera: de noche no molestamos a nadie. Sigue sola a las {time}.', en: 'Waiting: nobody is disturbed at night. It goes on by itself at {time}.' },
  held_quiet_begins: { es: 'Espera: de noche no molestamos a nadie. Empieza sola a las {time}.', en: 'Waiting: nobody is disturbed at night. It begins by itself at {time}.' },
  held_quality: {
    es: 'Detenida: muchos pidieron no recibir más mensajes o te bloquearon. Mira cuál de los dos en Calidad y límites.',
    en: 'Stopped: many asked for no more messages or blocked you. See which of the two in Quality and limits.',
  },
  held_not_approved: {
    es: 'Espera: quien administra la plataforma todavía no aprueba que tu negocio escriba.',
    en: 'Waiting: whoever runs the platform has not yet allowed your business to write.',
  },
  held_provider: { es: 'Espera: WhatsApp no está respondiendo. Sigue sola apenas responda.', en: 'Waiting: WhatsApp is not answering. It goes on by itself as soon as it does.' },
  held_off: { es: 'WhatsApp está apagado en esta plataforma. Lo enciende quien la administra.', en: 'WhatsApp is off on this platform. Whoever runs it turns it on.' },
  held_other: { es: 'Espera un momento. Sigue sola.', en: 'Waiting for a moment. It goes on by itself.' },
  is_held: { es: 'En espera', en: 'Waiting' },
  business: { es: 'Cuenta de empresa', en: 'Business account' },
  todayMark: { es: 'Hoy', en: 'Today' },
  nothingYet: { es: 'Elige un texto y lo verás aquí.', en: 'Choose a text and it will show here.' },
  seeLimits: { es: 'Ver límites', en: 'See limits' },

  es: { es: 'Español', en: 'Spanish' },
  en: { es: 'Inglés', en: 'English' },
  language: { es: 'Idioma', en: 'Language' },
  policy_wallet_first: { es: 'Primero en su billetera, luego WhatsApp', en: 'Her wallet first, then WhatsApp' },
  policy_whatsapp: { es: 'Solo WhatsApp', en: 'WhatsApp only' },
  policy_wallet: { es: 'Solo billetera', en: 'Wallet only' },
  costs: { es: 'Costo', en: 'Cost' },
  free: { es: 'No cuesta nada', en: 'It costs nothing' },
  to: { es: 'A quiénes', en: 'To whom' },
  says: { es: 'Qué dice', en: 'What it says' },
  when: { es: 'Cuándo', en: 'When' },
  how: { es: 'Cómo', en: 'How' },
  someone: { es: 'Un cliente', en: 'A customer' },
  change: { es: 'Cambiar', en: 'Change' },
});

export const t = translator({ ...shared, ...common }, messaging);
