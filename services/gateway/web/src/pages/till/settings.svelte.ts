import { remember, remembered } from './storage';

export type Hand = 'left' | 'right';

/** What suits whoever stands here: kept on this till. */
class Settings {
  #sound = $state(remembered<boolean>('sound') ?? true);
  #hand = $state<Hand>(remembered<Hand>('hand') ?? 'right');

  get sound(): boolean {
    return this.#sound;
  }

  set sound(on: boolean) {
    this.#sound = on;
    remember('sound', on);
  }

  get hand(): Hand {
    return this.#hand;
  }

  set hand(hand: Hand) {
    this.#hand = hand;
    remember('hand', hand);
  }
}

export const settings = new Settings();
