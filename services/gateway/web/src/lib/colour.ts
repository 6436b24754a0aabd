/** Colours by computation: OKLCH (how tokens are written), sRGB (how businesses give theirs) and WCAG contrast. */

export interface Oklch {
  /** 0 to 1. */
  lightness: number;
  chroma: number;
  /** Degrees. */
  hue: number;
}

type Triple = [number, number, number];

const HEX = /^#?([0-9a-f]{6})$/i;
const SHORT_HEX = /^#?([0-9a-f])([0-9a-f])([0-9a-f])$/i;

/** Reads `#rrggbb` or `#rgb`; anything else is undefined. */
export function parseHex(hex: string): Triple | undefined {
  const short = SHORT_HEX.exec(hex);
  const full = short ? short.slice(1).map((digit) => digit + digit).join('') : HEX.exec(hex)?.[1];
  if (!full) return undefined;
  const channel = (at: number) => parseInt(full.slice(at, at + 2), 16) / 255;
  return [channel(0), channel(2), channel(4)];
}

const toLinear = (c: number) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
const fromLinear = (c: number) => (c <= 0.0031308 ? c * 12.92 : 1.055 * c ** (1 / 2.4) - 0.055);

function toHex(linear: Triple): string {
  const bytes = linear.map((c) => Math.round(Math.min(1, fromLinear(Math.max(0, c))) * 255));
  return '#' + bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

function oklchToLinear({ lightness, chroma, hue }: Oklch): Triple {
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
}

const inGamut = (linear: Triple) => linear.every((c) => c > -0.0005 && c < 1.0005);

/** The nearest colour a screen can show: lightness and hue stay, chroma gives way. */
export function oklchToHex(colour: Oklch): string {
  let { chroma } = colour;
  let linear = oklchToLinear(colour);
  while (!inGamut(linear) && chroma > 0) {
    chroma = Math.max(0, chroma - 0.004);
    linear = oklchToLinear({ ...colour, chroma });
  }
  return toHex(linear);
}

/** A screen colour in OKLCH; what is not a colour is read as black. */
export function hexToOklch(hex: string): Oklch {
  const [r, g, b] = (parseHex(hex) ?? [0, 0, 0]).map(toLinear) as Triple;
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  const a = 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s;
  const bb = 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s;
  return {
    lightness: 0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    chroma: Math.hypot(a, bb),
    hue: ((Math.atan2(bb, a) * 180) / Math.PI + 360) % 360,
  };
}

function luminance(hex: string): number {
  const [r, g, b] = (parseHex(hex) ?? [0, 0, 0]).map(toLinear) as Triple;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** WCAG contrast of two screen colours, 1 to 21. */
export function contrast(one: string, other: string): number {
  const [a, b] = [luminance(one), luminance(other)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}
