import { langTag, texts, translator } from '$lib/i18n';

/**
 * One sentence for everything the server may refuse at a till: what happened, of her; then what to do. By slug, and
 * by slug and reason where the reason says more. `{when}` is filled from `until`.
 */
const sentences = texts({
  'limit-reached': { es: 'Por hoy no le toca otro sello. Puede volver en su próxima visita.', en: 'There is no other stamp for now. It can be on the next visit.' },
  'limit-reached/max_per_visit': { es: 'Son más sellos de los que da una visita. Baja la cantidad.', en: 'These are more stamps than one visit gives. Lower the count.' },
  'limit-reached/min_minutes_between': { es: 'Hace poco recibió su sello. Puede volver en un rato.', en: 'The last stamp was a moment ago. It can be again in a while.' },
  'limit-reached/min_minutes_between/until': { es: 'Hace poco recibió su sello. Puede volver {when}.', en: 'The last stamp was a moment ago. It can be again {when}.' },
  'limit-reached/max_per_day': { es: 'Ya tiene su sello de hoy; puede volver mañana.', en: 'Today’s stamp is there already; it can be again tomorrow.' },
  'limit-reached/search_cap': { es: 'Ya diste muchos sellos por búsqueda hoy. Escanea su tarjeta o llama a un encargado.', en: 'You gave many stamps by search today. Scan the card or call a manager.' },
  'operation-mismatch': { es: 'Ese sello ya se había pedido con otra cantidad. Escanea su tarjeta y mira cuántos tiene.', en: 'That stamp was asked for before with another count. Scan the card and see how many there are.' },
  'reward-not-open': { es: 'Ese premio ya no se puede entregar. Escanea su tarjeta para ver los que tiene.', en: 'That reward cannot be handed over any more. Scan the card to see which there are.' },
  'reward-not-open/redeemed': { es: 'Ese premio ya se entregó. Escanea su tarjeta si tiene otro.', en: 'That reward was handed over before. Scan the card if there is another.' },
  'reward-not-open/expired': { es: 'Ese premio venció. Puede seguir juntando para el próximo.', en: 'That reward has expired. The card goes on to the next.' },
  'reward-not-open/void': { es: 'Ese premio se retiró junto con un sello deshecho. Escanea su tarjeta de nuevo.', en: 'That reward went with a stamp that was undone. Scan the card again.' },
  'already-voided': { es: 'Ese sello ya estaba deshecho. No hay nada más que hacer.', en: 'That stamp was undone before. There is nothing left to do.' },
  'reward-redeemed': { es: 'Con ese sello ya se entregó un premio. Deshaz primero la entrega.', en: 'A reward of that stamp was handed over. Undo that first.' },
  'undo-too-late': { es: 'Pasó más de un minuto. Un encargado puede deshacerlo desde el panel.', en: 'More than a minute has passed. A manager can undo it from the panel.' },
  'scan-expired': { es: 'Pasaron más de cinco minutos. Escanea su tarjeta otra vez.', en: 'More than five minutes have passed. Scan the card again.' },
  'code-invalid': { es: 'Esa tarjeta no es de este negocio. Pídele que abra la suya de aquí.', en: 'That card is not of this business. Ask for the one from here.' },
  'code-revoked': { es: 'Ese código ya se cambió. Pídele que abra su tarjeta y muestre el nuevo.', en: 'That code was replaced. Ask to open the card and show the new one.' },
  'code-revoked/passed': { es: 'Ese código ya cambió: el suyo se renueva cada medio minuto. Pídele que muestre su tarjeta de nuevo.', en: 'That code has passed: it changes every half minute. Ask to show the card again.' },
  'code-revoked/used': { es: 'Ese código ya se leyó en otra caja. Pídele que muestre el que sale ahora.', en: 'That code was read at another till. Ask to show the one that is there now.' },
  'program-inactive': { es: 'Ese programa está cerrado y no recibe sellos. Pregunta al dueño.', en: 'That program is closed and takes no stamps. Ask the owner.' },
  'batch-signature': { es: 'Los sellos guardados no llevan la firma de esta caja. Siguen aquí; vincula la caja de nuevo y se enviarán.', en: 'The stored stamps are not signed by this till. They are still here; pair the till again and they will be sent.' },
  'invalid-credentials': { es: 'Ese PIN no es. Prueba otra vez.', en: 'That is not the PIN. Try again.' },
  locked: { es: 'Hubo varios PIN equivocados. Espera unos 15 minutos o llama al dueño.', en: 'Several PINs were wrong. Wait some 15 minutes or call the owner.' },
  'locked/until': { es: 'Hubo varios PIN equivocados. Prueba de nuevo {when}, o llama al dueño.', en: 'Several PINs were wrong. Try again {when}, or call the owner.' },
  'rate-limited': { es: 'Van muchos intentos seguidos. Espera unos segundos y prueba de nuevo.', en: 'Too many tries in a row. Wait a few seconds and try again.' },
  unauthenticated: { es: 'Tu turno terminó. Entra otra vez con tu PIN.', en: 'Your shift has ended. Enter your PIN again.' },
  'unauthenticated/not_paired': { es: 'Esta caja ya no está vinculada. Pide un código nuevo en el panel.', en: 'This till is not paired any more. Ask for a new code from the panel.' },
  forbidden: { es: 'Con tu PIN no se puede hacer esto. Llama a un encargado.', en: 'Your PIN does not allow this. Call a manager.' },
  'not-found': { es: 'Ya no está. Puede que la hayan borrado; escanea su tarjeta.', en: 'It is gone. It may have been erased; scan the card.' },
  conflict: { es: 'Algo cambió mientras tanto. Escanea su tarjeta otra vez.', en: 'Something changed meanwhile. Scan the card again.' },
  invalid: { es: 'Hay un dato que no vale. Revísalo y prueba de nuevo.', en: 'Something is not right. Check it and try again.' },
  'invalid/pairing_code': { es: 'Ese código no vale o ya venció. Pide uno nuevo en el panel.', en: 'That code is wrong or has expired. Ask for a new one from the panel.' },
  'invalid/amount_cents': { es: 'Falta el monto de la compra. Escríbelo y sella.', en: 'The amount is missing. Type it, then stamp.' },
  'invalid/scan_id': { es: 'Para entregar un premio, escanea su tarjeta.', en: 'To hand over a reward, scan the card.' },
  'invalid/occurred_at': { es: 'Pasaron más de tres días sin conexión y el sello ya no se acepta. Dáselo de nuevo cuando vuelva.', en: 'More than three days went by without a connection, and the stamp is not taken any more. Give it again next time.' },
  malformed: { es: 'El mensaje llegó roto. Prueba de nuevo.', en: 'The message came broken. Try again.' },
  'too-large': { es: 'Lo enviado es demasiado grande. Avisa al dueño.', en: 'What was sent is too large. Tell the owner.' },
  unsupported: { es: 'Esta caja está desactualizada. Cierra la página y ábrela de nuevo.', en: 'This till is out of date. Close the page and open it again.' },
  method: { es: 'Esta caja está desactualizada. Cierra la página y ábrela de nuevo.', en: 'This till is out of date. Close the page and open it again.' },
  busy: { es: 'Hay mucha demanda ahora. Prueba de nuevo en unos segundos.', en: 'It is very busy now. Try again in a few seconds.' },
  unavailable: { es: 'Sello está en pausa un momento. Prueba de nuevo en unos segundos.', en: 'Sello is resting for a moment. Try again in a few seconds.' },
  internal: { es: 'Algo falló de nuestro lado. Prueba de nuevo en un momento.', en: 'Something failed on our side. Try again in a moment.' },
  offline: { es: 'No hay conexión. Prueba de nuevo cuando vuelva; nada se hará dos veces.', en: 'There is no connection. Try again when it is back; nothing will happen twice.' },
  timeout: { es: 'La respuesta no llegó. Prueba de nuevo; nada se hará dos veces.', en: 'The answer did not come. Try again; nothing will happen twice.' },
});

const clock = texts({
  at: { es: 'a las {time}', en: 'at {time}' },
  atOne: { es: 'a la {time}', en: 'at {time}' },
  tomorrow: { es: 'mañana', en: 'tomorrow' },
  onDay: { es: 'el {day}', en: 'on {day}' },
});

type Key = keyof typeof sentences;
const say = translator(sentences);
const when = translator(clock);

/** Ours to repair, not the customer's "not yet": shown in red. */
const OURS = new Set(['internal', 'malformed', 'too-large', 'unsupported', 'method', 'forbidden', 'batch-signature', 'unauthenticated']);

export interface Refusal {
  kind: string;
  reason?: string | null;
  field?: string;
  until?: string | null;
  detail?: string;
}

/** `a las 3:40 p. m.`, `mañana`, `el 3 de marzo`: as far off as it is, in the business's zone. */
export function untilWhen(until: string, now: Date, zone: string): string {
  const then = new Date(until);
  const dayOf = (at: Date) => at.toLocaleDateString('en-CA', { timeZone: zone });
  if (dayOf(then) === dayOf(now)) {
    const time = new Intl.DateTimeFormat(langTag, { timeZone: zone, hour: 'numeric', minute: '2-digit' }).format(then);
    return when(/^0?1:/.test(time) ? 'atOne' : 'at', { time });
  }
  if (dayOf(then) === dayOf(new Date(now.getTime() + 86_400_000))) return when('tomorrow');
  return when('onDay', { day: new Intl.DateTimeFormat(langTag, { timeZone: zone, day: 'numeric', month: 'long' }).format(then) });
}

const known = (key: string): key is Key => key in sentences;

/** The sentence for a refusal: the most exact we have, else the server's own, else that of what kind it is. */
export function refusalText(refusal: Refusal, now = new Date(), zone = 'America/Lima'): string {
  const { kind, reason, field, until, detail } = refusal;
  const narrow = reason ? `${kind}/${reason}` : kind;
  // "p. m." brings its own full stop.
  if (until && known(`${narrow}/until`)) return say(`${narrow}/until` as 'locked/until', { when: untilWhen(until, now, zone) }).replace('..', '.');
  if (known(narrow) && narrow !== kind) return say(narrow as 'locked');
  if (field && known(`${kind}/${field}`)) return say(`${kind}/${field}` as 'locked');
  // "Invalid" alone says nothing; the server names what.
  if (kind === 'invalid' && detail) return detail;
  if (known(kind)) return say(kind as 'locked');
  return detail ?? say('internal');
}

export const refusalTone = ({ kind }: Refusal): 'amber' | 'stop' => (OURS.has(kind) ? 'stop' : 'amber');
