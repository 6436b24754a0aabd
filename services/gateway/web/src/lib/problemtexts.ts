import { texts, translator } from './i18n';
import type { ApiProblem } from './problem';

/**
 * A sentence for every kind of problem, by the last part of its `type`: what happened, then what to do. The server
 * also sends one in the caller's language; ours wins where we know more, and its own is shown for the rest.
 */
const problems = texts({
  offline: { es: 'No hay internet. Revisa tu conexión y prueba de nuevo.', en: 'There is no internet. Check your connection and try again.' },
  unreached: { es: 'No pudimos conectarnos. Revisa tu internet; si está bien, prueba de nuevo en un momento.', en: 'We could not connect. Check your internet; if it is fine, try again in a moment.' },
  timeout: { es: 'La respuesta no llegó a tiempo. Prueba de nuevo; nada se hará dos veces.', en: 'The answer did not come in time. Try again; nothing will happen twice.' },
  unavailable: { es: 'El servicio está en pausa un momento. Prueba de nuevo en unos segundos.', en: 'The service is resting for a moment. Try again in a few seconds.' },
  internal: { es: 'Algo falló de nuestro lado. Prueba de nuevo en un momento.', en: 'Something failed on our side. Try again in a moment.' },
  unauthenticated: { es: 'Tu sesión terminó. Vuelve a entrar.', en: 'Your session ended. Sign in again.' },
  forbidden: { es: 'No tienes permiso para esto. Pídeselo al dueño del negocio.', en: 'You are not allowed to do this. Ask the owner of the business.' },
  'not-found': { es: 'No lo encontramos. Revisa el enlace.', en: 'We could not find it. Check the link.' },
  invalid: { es: 'Hay un dato que revisar.', en: 'There is something to correct.' },
  conflict: { es: 'Esto cambió mientras lo veías. Actualiza y prueba de nuevo.', en: 'This changed while you were looking. Refresh and try again.' },
  'rate-limited': { es: 'Van muchos intentos seguidos. Espera un momento y prueba de nuevo.', en: 'Too many tries in a row. Wait a moment and try again.' },
  locked: { es: 'Hubo varios intentos fallidos. Espera 15 minutos y prueba de nuevo.', en: 'Several tries failed. Wait 15 minutes and try again.' },
});

/** Reasons a field gives, as the server names them. */
const reasons = texts({
  required: { es: 'Falta este dato.', en: 'This is missing.' },
  too_long: { es: 'Es muy largo.', en: 'This is too long.' },
  not_a_phone: { es: 'Revisa el número: deben ser 9 dígitos.', en: 'Check the number: it should have 9 digits.' },
});

const say = translator(problems);
const because = translator(reasons);

const BY_STATUS: Record<number, keyof typeof problems> = {
  400: 'invalid',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not-found',
  409: 'conflict',
  422: 'invalid',
  423: 'locked',
  429: 'rate-limited',
  502: 'unavailable',
  503: 'unavailable',
  504: 'unavailable',
};

/** What to tell a person about a problem. */
export function problemText(problem: ApiProblem): string {
  // A phone may well be online while nobody answers it.
  if (problem.kind === 'offline' && globalThis.navigator?.onLine) return say('unreached');
  if (problem.kind in problems) return say(problem.kind as keyof typeof problems);
  if (problem.detail) return problem.detail;
  return say(BY_STATUS[problem.status] ?? 'internal');
}

/** What to say beside the field a problem names: a known reason, else the server's sentence. */
export function fieldText(problem: ApiProblem): string {
  if (problem.reason && problem.reason in reasons) return because(problem.reason as keyof typeof reasons);
  return problem.detail ?? problemText(problem);
}
