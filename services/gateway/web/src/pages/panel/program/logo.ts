import type { ApiProblem } from '$lib/api';
import { problemText } from '$lib/problemtexts';
import { t } from './logotexts';

/** The limits of a logo, as whoever draws passes has them. */
const MOST_BYTES = 2 * 1024 * 1024;
const LEAST_DOTS = 32;
const MOST_DOTS = 4096;
/** What a file chooser shows. */
export const LOGO_TYPES = ['image/png', 'image/jpeg', 'image/svg+xml'];

/** Why a picture is no logo, in the words of the API. */
type Refusal = 'too_large' | 'not_an_image' | 'too_small' | 'too_many_pixels';

/** What can be told without sending the file, so that nobody waits for an upload that is refused. */
export function refusalOf(file: { size: number; type: string }, dots?: { width: number; height: number }): Refusal | undefined {
  if (!LOGO_TYPES.includes(file.type)) return 'not_an_image';
  if (file.size > MOST_BYTES) return 'too_large';
  if (!dots) return undefined;
  if (Math.min(dots.width, dots.height) < LEAST_DOTS) return 'too_small';
  return Math.max(dots.width, dots.height) > MOST_DOTS ? 'too_many_pixels' : undefined;
}

/** How many dots a picture has; a drawing has none, and what cannot be read is for the server to judge. */
export async function dotsOf(file: Blob): Promise<{ width: number; height: number } | undefined> {
  if (file.type === 'image/svg+xml') return undefined;
  const picture = await createImageBitmap(file).catch(() => undefined);
  const dots = picture && { width: picture.width, height: picture.height };
  picture?.close();
  return dots;
}

const SAID = {
  too_large: 'tooLarge',
  not_an_image: 'notAnImage',
  too_small: 'tooSmall',
  too_many_pixels: 'tooManyPixels',
  animated: 'animated',
  broken: 'broken',
  blank: 'blank',
  scripted: 'scripted',
  refers_outside: 'refersOutside',
  needs_fonts: 'hasText',
  has_text: 'hasText',
  has_picture: 'hasPicture',
  too_complex: 'tooComplex',
} as const;

/** The sentence for a refusal: what is wrong with the picture, and what to do. */
export function refusalText(reason: string): string | undefined {
  return reason in SAID ? t(SAID[reason as keyof typeof SAID]) : undefined;
}

export const logoProblemText = (problem: ApiProblem): string => (problem.reason && refusalText(problem.reason)) || problem.detail || problemText(problem);

/** Where the logo of a program is. What stands for its version changes with it, so that no browser shows an old one. */
export const logoAddress = (program: string, version: string): string => `/wallet/art/${program}/${encodeURIComponent(version)}/logo-0.png?scale=2`;
