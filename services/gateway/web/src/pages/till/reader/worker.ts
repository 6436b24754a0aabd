import { BarcodeDetector, prepareZXingModule } from 'barcode-detector/ponyfill';
import wasmUrl from 'zxing-wasm/reader/zxing_reader.wasm?url';

/** First the wasm, then one picture at a time; the answer is the texts in it. */
type Message = { wasm: ArrayBuffer; picture?: undefined } | { wasm?: undefined; picture: ImageData };

let detector: BarcodeDetector | undefined;

globalThis.addEventListener('message', ({ data }: MessageEvent<Message>) => {
  if (data.wasm) {
    // Left to itself it would ask another origin for the wasm.
    prepareZXingModule({ overrides: { wasmBinary: data.wasm, locateFile: () => wasmUrl } });
    detector = new BarcodeDetector({ formats: ['qr_code'] });
  } else if (data.picture) {
    void read(data.picture);
  }
});

async function read(picture: ImageData): Promise<void> {
  // A picture it cannot read is a picture without a code.
  const found = (await detector?.detect(picture).catch(() => [])) ?? [];
  globalThis.postMessage(
    found.map(({ rawValue }) => rawValue),
    { transfer: [] },
  );
}
