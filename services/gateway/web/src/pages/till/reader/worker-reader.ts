import wasmUrl from 'zxing-wasm/reader/zxing_reader.wasm?url';
import type { Reader } from './reader';

/** Side of the picture that is read, in pixels: enough for a card half an arm away, little enough for an old phone. */
const SIDE = 640;
/** How much of the shorter side of the picture is read: people aim at the middle. */
const CROP = 0.86;

/**
 * Our own reader, for browsers without one: a worker, so that the page stays quick. The page fetches the wasm for it,
 * because the service worker that keeps it for offline use serves the page and not its workers.
 */
export function workerReader(): Reader {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  const canvas = document.createElement('canvas');
  canvas.width = SIDE;
  canvas.height = SIDE;
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  const ready = fetch(wasmUrl)
    .then((response) => response.arrayBuffer())
    .then((wasm) => worker.postMessage({ wasm }, [wasm]));

  return {
    async read(video) {
      await ready;
      if (!pen || !video.videoWidth) return [];
      const crop = Math.min(video.videoWidth, video.videoHeight) * CROP;
      pen.drawImage(video, (video.videoWidth - crop) / 2, (video.videoHeight - crop) / 2, crop, crop, 0, 0, SIDE, SIDE);
      const picture = pen.getImageData(0, 0, SIDE, SIDE);
      return new Promise((resolve, reject) => {
        worker.addEventListener('message', ({ data }: MessageEvent<string[]>) => resolve(data), { once: true });
        worker.addEventListener('error', () => reject(new Error('the reader stopped')), { once: true });
        worker.postMessage({ picture }, [picture.data.buffer]);
      });
    },
    close: () => worker.terminate(),
  };
}
