// A film of QR codes for a browser's fake camera: --use-file-for-fake-video-capture=<file>.y4m, which plays it over and over.
//
//     node support/qr-video.mjs cards.y4m CODE [CODE…] [--seconds 2] [--gap 1]
//
// Each code is held before the camera for `seconds`, a little askew, on a table that is not white, with `gap` seconds of
// empty table between. Raw frames, so keep it short: a second is 4.6 MB.
import { writeFile } from 'node:fs/promises';
import { argv } from 'node:process';
import { pathToFileURL } from 'node:url';
import { encode } from 'uqr';

const WIDTH = 640;
const HEIGHT = 480;
const FRAMES_PER_SECOND = 10;

const TABLE = 96;
const PAPER = 232;
const INK = 28;
/** The colourless half of every frame: only light and dark matter. */
const NO_COLOUR = Buffer.alloc((WIDTH * HEIGHT) / 2, 128);

/** One frame: the table, and on it the code of `text`, `side` pixels wide, turned by `degrees`. */
export function frame(text, { side = 300, degrees = 5 } = {}) {
  const light = Buffer.alloc(WIDTH * HEIGHT, TABLE);
  if (text) draw(light, encode(text, { ecc: 'M', border: 4 }), side, (degrees * Math.PI) / 180);
  return Buffer.concat([light, NO_COLOUR]);
}

function draw(light, { data, size }, side, angle) {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const module = side / size;
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      // Back from the picture to the card: where on it does this pixel lie?
      const [dx, dy] = [x - WIDTH / 2, y - HEIGHT / 2];
      const column = Math.floor((dx * cos + dy * sin + side / 2) / module);
      const row = Math.floor((dy * cos - dx * sin + side / 2) / module);
      const dark = data[row]?.[column];
      if (dark !== undefined) light[y * WIDTH + x] = dark ? INK : PAPER;
    }
  }
}

/** The whole film, as YUV4MPEG2. */
export function qrVideo(texts, { seconds = 2, gap = 1, ...look } = {}) {
  const parts = [Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F${FRAMES_PER_SECOND}:1 Ip A1:1 C420jpeg\n`)];
  const show = (picture, duration) => {
    for (let left = Math.round(duration * FRAMES_PER_SECOND); left > 0; left--) parts.push(Buffer.from('FRAME\n'), picture);
  };
  for (const text of texts) {
    show(frame(text, look), seconds);
    show(frame(undefined), gap);
  }
  return Buffer.concat(parts);
}

if (import.meta.url === pathToFileURL(argv[1] ?? '').href) {
  const [file, ...rest] = argv.slice(2);
  const texts = [];
  const options = {};
  for (let at = 0; at < rest.length; at++) {
    if (rest[at].startsWith('--')) options[rest[at].slice(2)] = Number(rest[++at]);
    else texts.push(rest[at]);
  }
  if (!file || texts.length === 0) throw new Error('usage: qr-video.mjs <file>.y4m <text> [<text>…] [--seconds n] [--gap n]');
  await writeFile(file, qrVideo(texts, options));
}
