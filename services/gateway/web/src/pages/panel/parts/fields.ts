import type { ApiProblem } from '$lib/problem';
import { fieldText, problemText } from '$lib/problemtexts';
import { t } from '../texts';

const SAID: Record<string, () => string> = {
  too_short: () => t('fieldShort'),
  out_of_range: () => t('fieldRange'),
  taken: () => t('fieldTaken'),
};

/**
 * The sentence for one field, if the problem names it: `errorOf(problem, 'owner.email', 'email')`. The server may name a field with
 * or without the object it stands in.
 */
export function errorOf(problem: ApiProblem | undefined, ...names: string[]): string | undefined {
  if (!problem?.field || !names.includes(problem.field)) return undefined;
  // Its own sentence knows the limits by number; ours stand in where it sent none.
  return problem.detail ?? SAID[problem.reason ?? '']?.() ?? fieldText(problem);
}

/** Whether a problem belongs beside one of these fields, and so need not be said at the top as well. */
export const isField = (problem: ApiProblem | undefined, ...names: string[]): boolean => problem?.field !== undefined && names.includes(problem.field);

/**
 * What is to be said at the top of a form: a problem that none of its fields says. One that names a field this form does not
 * show is said with that name, since nothing else would tell what to look for.
 */
export function elsewhere(problem: ApiProblem | undefined, ...names: string[]): string | undefined {
  if (!problem || isField(problem, ...names)) return undefined;
  if (problem.field) return t('fieldNamed', { why: errorOf(problem, problem.field) ?? problemText(problem), field: problem.field });
  return problem.detail ?? problemText(problem);
}
