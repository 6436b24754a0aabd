import { texts, translator } from '$lib/i18n';

/** Why a message did not arrive, by the stable words of the server: what happened, then what to do. */
const reasons = texts({
  no_consent: { es: 'No dio permiso para recibir novedades.', en: 'Gave no permission for news.' },
  opted_out: { es: 'Pidió no recibir más mensajes.', en: 'Asked for no more messages.' },
  blocked: { es: 'Bloqueó tu número.', en: 'Blocked your number.' },
  not_reachable: { es: 'Ese número no tiene WhatsApp, o ya no existe.', en: 'That number has no WhatsApp, or is gone.' },
  erased: { es: 'Borró sus datos.', en: 'Erased their data.' },
  budget: { es: 'Se acabó el presupuesto que pusiste. Súbelo e inténtalo de nuevo.', en: 'The budget you set ran out. Raise it and try again.' },
  tier: { es: 'WhatsApp no dejó escribir a más personas ese día. Inténtalo de nuevo.', en: 'WhatsApp let you write to no more people that day. Try again.' },
  rate: { es: 'Salían demasiados mensajes a la vez. Inténtalo de nuevo en un rato.', en: 'Too many messages were leaving at once. Try again in a while.' },
  sender: { es: 'El número que envía tiene un problema. Avisa a quien administra la plataforma.', en: 'The number that sends has a problem. Tell whoever runs the platform.' },
  no_pass: { es: 'Ya no tiene su tarjeta en la billetera.', en: 'The card is in no wallet any more.' },
  gone: { es: 'Quitó su tarjeta de la billetera, o apagó los avisos.', en: 'The card was taken out of the wallet, or notices were turned off.' },
  window_closed: { es: 'Pasaron más de 24 horas desde su último mensaje y WhatsApp ya no deja responder.', en: 'The last message is more than 24 hours old, and WhatsApp no longer lets you answer.' },
  window: { es: 'Pasaron 24 horas desde su último mensaje y WhatsApp ya no deja responder.', en: 'It was more than 24 hours since the last message, and WhatsApp no longer lets you answer.' },
  template: { es: 'WhatsApp no aceptó el texto. Elige otro en la campaña.', en: 'WhatsApp did not take the text. Choose another in the campaign.' },
  template_paused: { es: 'Este texto está en pausa y no se envió. Inténtalo de nuevo cuando vuelva, o elige otro.', en: 'This text is paused and was not sent. Try again when it is back, or choose another.' },
  template_rejected: { es: 'Este texto fue rechazado y no se envió. Elige otro en la campaña.', en: 'This text was rejected and was not sent. Choose another in the campaign.' },
  policy: { es: 'WhatsApp lo rechazó por sus reglas.', en: 'WhatsApp refused it by its rules.' },
  provider: { es: 'WhatsApp no respondía. Inténtalo de nuevo.', en: 'WhatsApp did not answer. Try again.' },
  in_doubt: { es: 'No sabemos si llegó. No lo repetimos para no molestar dos veces.', en: 'We do not know whether it arrived. We do not repeat it, so as not to bother anybody twice.' },
  expired: { es: 'Esperó más de 3 días y ya no tenía sentido enviarlo.', en: 'It waited for more than 3 days, and made no sense any more.' },
  campaign_canceled: { es: 'Cancelaste la campaña antes de que saliera.', en: 'You canceled the campaign before it left.' },
  capped: { es: 'Ya había recibido uno esta semana.', en: 'Had one already this week.' },
  quality: { es: 'Los mensajes están detenidos por calidad. Mira Calidad y límites.', en: 'Messages are stopped for quality. See Quality and limits.' },
  not_approved: { es: 'Tu negocio todavía no está aprobado para escribir.', en: 'Your business is not yet allowed to write.' },
  marketing_cap: { es: 'WhatsApp limita cuánta publicidad recibe cada persona. Inténtalo otro día.', en: 'WhatsApp limits how much advertising each person gets. Try another day.' },
  no_marketing_there: { es: 'WhatsApp no entrega publicidad a números de Estados Unidos (+1).', en: 'WhatsApp delivers no advertising to numbers of the United States (+1).' },
  experiment: { es: 'WhatsApp no entrega publicidad a esta persona por ahora.', en: 'WhatsApp delivers no advertising to this person for now.' },
});

export type Reason = keyof typeof reasons;

const words = texts({
  unknown: { es: 'WhatsApp no lo entregó y no dijo por qué.', en: 'WhatsApp did not deliver it and did not say why.' },
  other: { es: 'No se pudo entregar ({reason}).', en: 'It could not be delivered ({reason}).' },
});

const say = translator(reasons);
const also = translator(words);

/** The sentence for a reason; of one that this page does not know, the server's own, else its word. */
export function reasonText(reason: string | null | undefined, told?: string | null): string {
  if (reason && Object.hasOwn(reasons, reason)) return say(reason as Reason);
  if (told) return told;
  return !reason || reason === 'unknown' ? also('unknown') : also('other', { reason });
}

/** How many failed for the same reason, the most frequent first. */
export function byReason(items: { reason?: string | null; reason_text?: string | null }[]): { text: string; n: number }[] {
  const counts = new Map<string, number>();
  for (const { reason, reason_text } of items) {
    const text = reasonText(reason, reason_text);
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return [...counts].map(([text, n]) => ({ text, n })).toSorted((a, b) => b.n - a.n);
}
