import { texts, translator } from '$lib/i18n';
import { shared } from '$lib/texts';
import { common } from '../../texts';
import { messaging } from '../texts';

const own = texts({
  about: { es: 'Lo que te escriben por WhatsApp. BAJA, ALTA y «sellos» se responden solos.', en: 'What they write to you by WhatsApp. BAJA, ALTA and “sellos” are answered by themselves.' },
  threads: { es: 'Conversaciones', en: 'Conversations' },
  emptyTitle: { es: 'Nadie te ha escrito', en: 'Nobody has written to you' },
  empty: { es: 'Cuando un cliente responda por WhatsApp, lo lees y le contestas aquí.', en: 'When a customer answers by WhatsApp, you read and answer it here.' },
  choose: { es: 'Elige una conversación.', en: 'Choose a conversation.' },
  number: { es: 'Número que termina en {end}', en: 'Number ending in {end}' },
  you: { es: 'Tú: {text}', en: 'You: {text}' },
  unreadHere: { es: { one: '{n} sin leer', other: '{n} sin leer' }, en: { one: '{n} unread', other: '{n} unread' } },
  seeCustomer: { es: 'Ver su ficha', en: 'See the customer' },
  conversation: { es: 'Conversación', en: 'Conversation' },
  reply: { es: 'Tu respuesta', en: 'Your answer' },
  send: { es: 'Enviar', en: 'Send' },
  until: { es: 'Puedes responder hasta las {time}.', en: 'You can answer until {time}.' },
  untilDay: { es: 'Puedes responder hasta {day}.', en: 'You can answer until {day}.' },
  minutes: { es: { one: 'Puedes responder hasta las {time}: queda {n} minuto.', other: 'Puedes responder hasta las {time}: quedan {n} minutos.' }, en: { one: 'You can answer until {time}: {n} minute left.', other: 'You can answer until {time}: {n} minutes left.' } },
  closed: {
    es: 'Pasaron 24 horas desde su último mensaje y WhatsApp ya no deja responder. Podrás cuando te escriba de nuevo.',
    en: 'It is 24 hours since the last message, and WhatsApp no longer lets you answer. You can when they write again.',
  },
  empty_text: { es: 'Escribe tu respuesta.', en: 'Write your answer.' },
  long_text: { es: 'Es muy largo: hasta 1,600 letras.', en: 'Too long: up to 1,600 letters.' },
  is_waiting: { es: 'Saliendo', en: 'Leaving' },
  is_sent: { es: 'Enviado', en: 'Sent' },
  is_delivered: { es: 'Entregado', en: 'Delivered' },
  is_read: { es: 'Leído', en: 'Read' },
  is_failed: { es: 'No llegó', en: 'Not delivered' },
  is_canceled: { es: 'Cancelado', en: 'Canceled' },
  byCampaign: { es: 'de una campaña', en: 'from a campaign' },
  hers: { es: 'Escribió', en: 'Wrote' },
  yours: { es: 'Enviaste', en: 'You sent' },
});

export const t = translator({ ...shared, ...common, ...messaging }, own);
