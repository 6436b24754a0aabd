import { settings } from './settings.svelte';

/** Short sounds, made and not loaded, for a counter where nobody looks at the screen; and the same for the hand. */

let context: AudioContext | undefined;

/** A browser lets a page be heard only after a touch; any will do. */
export function wakeSound(): void {
  context ??= typeof AudioContext === 'undefined' ? undefined : new AudioContext();
  if (context?.state === 'suspended') void context.resume();
}

function tone(hertz: number, after: number, seconds: number, loudness: number, to = hertz): void {
  if (!context || !settings.sound) return;
  const from = context.currentTime + after;
  const wave = context.createOscillator();
  const gain = context.createGain();
  wave.frequency.setValueAtTime(hertz, from);
  wave.frequency.exponentialRampToValueAtTime(to, from + seconds);
  gain.gain.setValueAtTime(loudness, from);
  gain.gain.exponentialRampToValueAtTime(0.001, from + seconds);
  wave.connect(gain).connect(context.destination);
  wave.start(from);
  wave.stop(from + seconds);
}

const shake = (pattern: number | number[]) => navigator.vibrate?.(pattern);

/** A card was read. */
export function heardRead(): void {
  tone(1_320, 0, 0.07, 0.16);
  shake(20);
}

/** Rubber on wood. */
export function heardStamp(): void {
  tone(190, 0, 0.13, 0.6, 55);
  tone(880, 0.05, 0.12, 0.2);
  shake(45);
}

/** A reward was handed over. */
export function heardReward(): void {
  [660, 880, 1_320].forEach((hertz, at) => tone(hertz, at * 0.09, 0.16, 0.2));
  shake([30, 40, 60]);
}

/** Look at the screen. */
export function heardRefusal(): void {
  tone(240, 0, 0.12, 0.3);
  tone(180, 0.14, 0.2, 0.3);
  shake([80, 60, 80]);
}
