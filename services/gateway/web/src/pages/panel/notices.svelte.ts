/** One sentence about what was just done, at the foot of whatever room one is in. */
class Notices {
  said = $state<{ tone: 'done' | 'amber' | 'stop'; text: string }>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  tell(text: string, tone: 'done' | 'amber' | 'stop' = 'done'): void {
    clearTimeout(this.#timer);
    this.said = { tone, text };
    // What went wrong stays until it is read.
    if (tone === 'done') this.#timer = setTimeout(() => (this.said = undefined), 5_000);
  }

  close = (): void => {
    clearTimeout(this.#timer);
    this.said = undefined;
  };
}

export const notices = new Notices();
