import { type ApiProblem, traceOf } from '$lib/problem';
import { problemText } from '$lib/problemtexts';

type Tone = 'done' | 'amber' | 'stop';

/** One sentence about what was just done, at the foot of whatever room one is in. */
class Notices {
  said = $state<{ tone: Tone; text: string; trace?: string }>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  tell(text: string, tone: Tone = 'done', trace?: string): void {
    clearTimeout(this.#timer);
    this.said = { tone, text, trace };
    // What went wrong stays until it is read.
    if (tone === 'done') this.#timer = setTimeout(() => (this.said = undefined), 5_000);
  }

  /** Why something was not done; in the server's own words unless others are given. */
  refused(problem: ApiProblem, text = problem.detail ?? problemText(problem)): void {
    this.tell(text, 'stop', traceOf(problem));
  }

  close = (): void => {
    clearTimeout(this.#timer);
    this.said = undefined;
  };
}

export const notices = new Notices();
