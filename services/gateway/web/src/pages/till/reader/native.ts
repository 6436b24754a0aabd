import type { Reader } from './reader';

interface Detector {
  detect(source: HTMLVideoElement): Promise<{ rawValue: string }[]>;
}

interface DetectorClass {
  new (options: { formats: string[] }): Detector;
  getSupportedFormats(): Promise<string[]>;
}

/** This many failures in a row mean that the phone promised a reader it does not have. */
const TRUSTED_FAILURES = 5;

/** A reader of the browser's own, if it knows QR; one that turns out not to work is replaced by `other`. */
export async function nativeReader(other: () => Reader): Promise<Reader | undefined> {
  const Native = (globalThis as { BarcodeDetector?: DetectorClass }).BarcodeDetector;
  const formats = (await Native?.getSupportedFormats().catch(() => [])) ?? [];
  if (!Native || !formats.includes('qr_code')) return undefined;
  const detector = new Native({ formats: ['qr_code'] });
  let failures = 0;
  let instead: Reader | undefined;
  return {
    async read(video) {
      if (instead) return instead.read(video);
      try {
        const found = await detector.detect(video);
        failures = 0;
        return found.map(({ rawValue }) => rawValue);
      } catch {
        failures += 1;
        if (failures >= TRUSTED_FAILURES) instead = other();
        return [];
      }
    },
    close: () => instead?.close(),
  };
}
