import { texts, translator } from '$lib/i18n';

/** Why a message did not arrive, by the stable words of the server. What is to be done with another campaign stands here as well. */
const reasons = texts({
  no_consent: { es: 'No dio permiso para recibir novedades.', en: 'Gave no permission for news.' },
  opted_out: { es: 'Pidió no recibir más mensajes.', en: 'Asked for no more messages.' },
  blocked: { es: 'Bloqueó tu número.', en: 'Blocked your number.' },
  not_reachable: { es: 'Ese número no tiene WhatsApp, o ya no existe.', en: 'That number has no WhatsApp, or is gone.' },
  erased: { es: 'Borró sus datos.', en: 'Erased their data.' },
  budget: { es: 'Se acabó el presupuesto que pusiste.', en: 'The budget you set ran out.' },
  tier: { es: 'WhatsApp no dejó escribir a más personas esos días.', en: 'WhatsApp let you write to no more people those days.' },
  rate: { es: 'Salían demasiados mensajes a la vez.', en: 'Too many messages were leaving at once.' },
  sender: { es: 'El número que envía tiene un problema. Avisa a quien administra la plataforma.', en: 'The number that sends has a problem. Tell whoever runs the platform.' },
  no_pass: { es: 'No tiene su tarjeta en la billetera, ni avisos en su navegador.', en: 'The card is in no wallet, and notices are off in the browser.' },
  unreachable: { es: 'No se pudo avisar a su celular, por más que se intentó.', en: 'The phone could not be told, however often it was tried.' },
  gone: { es: 'Quitó su tarjeta de la billetera, o apagó los avisos.', en: 'The card was taken out of the wallet, or notices were turned off.' },
  window_closed: { es: 'Pasaron más de 24 horas desde su último mensaje y WhatsApp ya no deja responder.', en: 'The last message is more than 24 hours old, and WhatsApp no longer lets you answer.' },
  window: { es: 'Pasaron 24 horas desde su último mensaje y WhatsApp ya no deja responder.', en: 'It was more than 24 hours since the last message, and WhatsApp no longer lets you answer.' },
  template: { es: 'WhatsApp no aceptó el texto. Escribe otra campaña con otro texto.', en: 'WhatsApp did not take the text. Write another campaign with another text.' },
  template_paused: { es: 'Este texto estaba en pausa y no se envió.', en: 'This text was paused and was not sent.' },
  template_rejected: { es: 'Este texto fue rechazado y no se envió. Escribe otra campaña con otro texto.', en: 'This text was rejected and was not sent. Write another campaign with another text.' },
  policy: { es: 'WhatsApp lo rechazó por sus reglas.', en: 'WhatsApp refused it by its rules.' },
  provider: { es: 'WhatsApp no respondía.', en: 'WhatsApp did not answer.' },
  in_doubt: { es: 'No sabemos si llegó. No lo repetimos para no molestar dos veces.', en: 'We do not know whether it arrived. We do not repeat it, so as not to bother anybody twice.' },
  expired: { es: 'Esperó más de 3 días y ya no tenía sentido enviarlo.', en: 'It waited for more than 3 days, and made no sense any more.' },
  campaign_canceled: { es: 'Cancelaste la campaña antes de que saliera.', en: 'You canceled the campaign before it left.' },
  capped: { es: 'Ya había recibido uno esta semana.', en: 'Had one already this week.' },
  quality: { es: 'La publicidad estaba detenida: muchos pidieron no recibir más, o te bloquearon. Mira Calidad y límites.', en: 'Advertising was stopped: many asked for no more, or blocked you. See Quality and limits.' },
  not_approved: { es: 'Tu negocio no estaba aprobado para escribir.', en: 'Your business was not allowed to write.' },
  quiet_hours: { es: 'Solo habría podido salir de noche, y de noche no molestamos a nadie.', en: 'It could have left at night only, and nobody is disturbed at night.' },
  marketing_cap: { es: 'WhatsApp limita cuánta publicidad recibe cada persona.', en: 'WhatsApp limits how much advertising each person gets.' },
  no_marketing_there: { es: 'WhatsApp no entrega publicidad a números de Estados Unidos (+1).', en: 'WhatsApp delivers no advertising to numbers of the United States (+1).' },
  experiment: { es: 'WhatsApp no entrega publicidad a esta persona por ahora.', en: 'WhatsApp delivers no advertising to this person for now.' },
});

export type Reason = keyof typeof reasons;

/** What to do about it, for whom it can still be tried again. */
const remedies = texts({
  again_budget: { es: 'Súbelo e inténtalo de nuevo.', en: 'Raise it and try again.' },
  again_tier: { es: 'Inténtalo de nuevo.', en: 'Try again.' },
  again_rate: { es: 'Inténtalo de nuevo en un rato.', en: 'Try again in a while.' },
  again_provider: { es: 'Inténtalo de nuevo.', en: 'Try again.' },
  again_not_approved: { es: 'Cuando lo esté, inténtalo de nuevo.', en: 'Once it is, try again.' },
  again_quiet_hours: { es: 'Inténtalo de nuevo.', en: 'Try again.' },
  again_marketing_cap: { es: 'Inténtalo otro día.', en: 'Try another day.' },
  again_template_paused: { es: 'Inténtalo de nuevo cuando vuelva, o escribe otra campaña.', en: 'Try again when it is back, or write another campaign.' },
});

const words = texts({
  unknown: { es: 'WhatsApp no lo entregó y no dijo por qué.', en: 'WhatsApp did not deliver it and did not say why.' },
  other: { es: 'No se pudo entregar ({reason}).', en: 'It could not be delivered ({reason}).' },
});

const say = translator(reasons);
const also = translator(words);
const advise = translator(remedies);

/** The sentence for a reason; of one that this page does not know, the server's own, else its word. `again`: and what to do, as it can be tried again. */
export function reasonText(reason: string | null | undefined, told?: string | null, again = false): string {
  if (reason && Object.hasOwn(reasons, reason)) {
    const remedy = `again_${reason}`;
    return again && Object.hasOwn(remedies, remedy) ? `${say(reason as Reason)} ${advise(remedy as keyof typeof remedies)}` : say(reason as Reason);
  }
  if (told) return told;
  return !reason || reason === 'unknown' ? also('unknown') : also('other', { reason });
}

/** After these a person may have a message tried again, advertising and what is none. Words of rejected texts are never sent. */
const AGAIN = new Set(['not_approved', 'quiet_hours', 'budget', 'tier', 'template', 'template_paused', 'policy', 'sender', 'provider', 'rate', 'marketing_cap']);
/** Of advertising these are settled: it may have arrived, or would for months not. */
const AGAIN_BUT_MARKETING = new Set(['in_doubt', 'experiment']);

export const mayTryAgain = (reason: string, category: string): boolean => AGAIN.has(reason) || (category !== 'marketing' && AGAIN_BUT_MARKETING.has(reason));

/** How many failed for the same reason, the most frequent first; what can be done stands at each of them. */
export function byReason(items: { reason?: string | null; reason_text?: string | null }[]): { text: string; n: number }[] {
  const counts = new Map<string, number>();
  for (const { reason, reason_text } of items) {
    const text = reasonText(reason, reason_text);
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return [...counts].map(([text, n]) => ({ text, n })).toSorted((a, b) => b.n - a.n);
}
