import { nativeReader } from './native';
import { workerReader } from './worker-reader';

/** Reads the texts of the QR codes in what a camera shows now. */
export interface Reader {
  read(video: HTMLVideoElement): Promise<string[]>;
  close(): void;
}

/** The browser's own reader where it has one: nothing to download, and it uses the phone's hardware. */
export async function openReader(): Promise<Reader> {
  return (await nativeReader(workerReader)) ?? workerReader();
}
