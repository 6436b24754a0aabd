/**
 * What a stamp shows inside its ring, drawn on 100 × 100 around (50, 50). `solid` is filled; `line` is stroked with
 * `width`; `cut` is paper again, stroked through what is solid.
 */
export interface Shape {
  solid?: string;
  line?: string;
  width?: number;
  cut?: string;
}

export const SHAPES = {
  circle: {
    solid: 'M50 26a24 24 0 1 0 0 48a24 24 0 1 0 0-48Z',
    cut: 'M40 50.5l7 7.5l13.5-15.5',
  },
  cup: {
    solid: 'M29 43h36v13a15 15 0 0 1-15 15h-6a15 15 0 0 1-15-15Z',
    line: 'M65 47h3.5a6.5 6.5 0 0 1 0 13H64M40 37c-4-4 3-6 0-10.5M53 37c-4-4 3-6 0-10.5',
    width: 4.5,
  },
  scissors: {
    line: 'M43.5 61.5L62 25M56.5 61.5L38 25M46 66a7.5 7.5 0 1 1-15 0a7.5 7.5 0 1 1 15 0ZM69 66a7.5 7.5 0 1 1-15 0a7.5 7.5 0 1 1 15 0Z',
    width: 5,
  },
  bread: {
    solid: 'M24 52c0-11 11-18.5 26-18.5S76 41 76 52c0 9-5 14.5-12 14.5H36c-7 0-12-5.5-12-14.5Z',
    cut: 'M37 44l6 12M48 42l6 12M59 43l6 12',
  },
  leaf: {
    solid: 'M27 72C22 45 38 26 74 27C76 60 59 76 34 67Z',
    line: 'M34 67l-8 9',
    width: 4.5,
    cut: 'M35 65L62 39M45 55V45M52 49h9',
  },
  star: {
    solid: 'M50 24l7.7 16.7L76 43l-13.5 12.5L66 74L50 65L34 74l3.5-18.5L24 43l18.3-2.3Z',
  },
  heart: {
    solid: 'M50 74C33 62 25 53 25 42.5C25 34 31 28.5 38 28.5c5 0 9.5 2.8 12 7.5c2.5-4.7 7-7.5 12-7.5c7 0 13 5.5 13 14C75 53 67 62 50 74Z',
  },
  paw: {
    solid:
      'M50 50c8 0 17 9.5 17 17c0 5-3.5 7.5-8 7.5c-3.5 0-5.5-1.5-9-1.5s-5.5 1.5-9 1.5c-4.5 0-8-2.5-8-7.5c0-7.5 9-17 17-17Z' +
      'M41.5 28c3.6 0 6 4 6 8.5s-2.4 8-6 8s-6-3.5-6-8s2.4-8.5 6-8.5ZM58.5 28c3.6 0 6 4 6 8.5s-2.4 8-6 8s-6-3.5-6-8s2.4-8.5 6-8.5Z' +
      'M27.5 43c3.3-.8 6.2 2 7 5.8s-.6 7.3-3.9 8s-6.2-2-7-5.8s.6-7.3 3.9-8ZM72.5 43c-3.3-.8-6.2 2-7 5.8s.6 7.3 3.9 8s6.2-2 7-5.8s-.6-7.3-3.9-8Z',
  },
} satisfies Record<string, Shape>;

export type ShapeName = keyof typeof SHAPES;

/** Whatever a program says its shape is; what we cannot draw becomes a circle. */
export function shapeNamed(name: string | undefined): Shape {
  return name !== undefined && name in SHAPES ? SHAPES[name as ShapeName] : SHAPES.circle;
}

/** Twelve round teeth: the seal of a place that wins something. */
export const ROSETTE =
  'M38.9 8.5A11.1 11.1 0 0 1 61.1 8.5A11.1 11.1 0 0 1 80.4 19.6A11.1 11.1 0 0 1 91.5 38.9A11.1 11.1 0 0 1 91.5 61.1A11.1 11.1 0 0 1 80.4 80.4A11.1 11.1 0 0 1 61.1 91.5A11.1 11.1 0 0 1 38.9 91.5A11.1 11.1 0 0 1 19.6 80.4A11.1 11.1 0 0 1 8.5 61.1A11.1 11.1 0 0 1 8.5 38.9A11.1 11.1 0 0 1 19.6 19.6A11.1 11.1 0 0 1 38.9 8.5Z';
