import type { ApiProblem, Result } from '$lib/api';

/** Something the server knows: what came last, whether it is being asked for, and why it could not be had. */
export class Loaded<T> {
  value = $state.raw<T>();
  problem = $state.raw<ApiProblem>();
  busy = $state(false);
  #asked = 0;

  constructor(private readonly ask: () => Promise<Result<T>>) {}

  /** Asks again. What is shown stays until the answer is there; an answer overtaken by a later question is dropped. */
  load = async (): Promise<void> => {
    const mine = ++this.#asked;
    this.busy = true;
    const result = await this.ask();
    if (mine !== this.#asked) return;
    this.busy = false;
    if (result.ok) {
      this.value = result.value;
      this.problem = undefined;
    } else {
      this.problem = result.problem;
    }
  };

  /** Asks unless it is known already. */
  once = async (): Promise<void> => {
    if (this.value === undefined && !this.busy) await this.load();
  };

  forget(): void {
    this.#asked++;
    this.value = undefined;
    this.problem = undefined;
    this.busy = false;
  }
}
