import { expect, test } from 'vitest';

import { contrast, hexToOklch, oklchToHex } from './colour';
import { readableInk, SHEET, shopInk, shopPaper } from './ink';

const INKS = ['#f2c230', '#ffffff', '#000000', '#ff0000', '#00ff00', '#0000ff', '#777777', '#b5451b', '#fff8e7', '#abc'];

test.each(INKS.flatMap((ink) => [[ink, SHEET.light], [ink, SHEET.dark], [ink, '#808080']] as const))('%s can be read on %s', (ink, paper) => {
  expect(contrast(readableInk(ink, paper)!, paper)).toBeGreaterThanOrEqual(4.5);
});

test('an ink that reads already stays as it is', () => {
  expect(readableInk('#1f3a6b', SHEET.light)).toBe('#1f3a6b');
});

test('a paper of any colour keeps what is printed on it readable', () => {
  for (const paper of INKS) {
    const grounds = shopPaper(paper)!;
    expect(hexToOklch(grounds.light).lightness).toBeGreaterThan(0.95);
    for (const ink of INKS) expect(shopInk(ink, paper)).toContain(`--shop-paper-light:${grounds.light}`);
    for (const ink of INKS) for (const ground of [grounds.light, grounds.dark]) expect(contrast(readableInk(ink, ground)!, ground)).toBeGreaterThanOrEqual(4.5);
  }
  expect(shopPaper('red;x')).toBeUndefined();
});

test('what is not a colour is refused', () => {
  expect(readableInk('red;background:url(x)', SHEET.light)).toBeUndefined();
  expect(shopInk('red;background:url(x)')).toBe('');
  expect(shopInk(undefined)).toBe('');
});

test('a colour survives the way to OKLCH and back', () => {
  for (const hex of ['#000000', '#ffffff', '#3127a0', '#f2c230', '#808080']) expect(oklchToHex(hexToOklch(hex))).toBe(hex);
});
