import { ZXING_WASM_SHA256 } from 'barcode-detector/ponyfill';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';

test('the wasm we serve is the one its script was built for', async () => {
  const path = createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm');
  expect(createHash('sha256').update(await readFile(path)).digest('hex')).toBe(ZXING_WASM_SHA256);
});
