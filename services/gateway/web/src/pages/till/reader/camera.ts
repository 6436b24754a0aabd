/** Why there is no picture: not allowed, no camera, taken by another app, or a page without https. */
export type CameraTrouble = 'refused' | 'none' | 'taken' | 'insecure';

const WANTED: MediaStreamConstraints = {
  audio: false,
  // Twelve pictures a second are more than are read, and spare the battery.
  video: { facingMode: { ideal: 'environment' }, width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 12, max: 30 } },
};

/** The rear camera, or why not. */
export async function openCamera(): Promise<MediaStream | CameraTrouble> {
  if (!navigator.mediaDevices?.getUserMedia) return globalThis.isSecureContext ? 'none' : 'insecure';
  try {
    return await navigator.mediaDevices.getUserMedia(WANTED);
  } catch (error) {
    const name = error instanceof DOMException ? error.name : '';
    if (name === 'NotAllowedError' || name === 'SecurityError') return 'refused';
    return name === 'NotReadableError' || name === 'AbortError' ? 'taken' : 'none';
  }
}

/** Between two readings: eight to ten a second. */
const PACE_MS = 100;

/** Calls `look` for new pictures, one at a time and not faster than the pace, until it is stopped. */
export function watch(video: HTMLVideoElement, look: () => Promise<void>): () => void {
  let stopped = false;
  let last = 0;
  const next = () => {
    if (stopped) return;
    // It calls only for a picture that is new, and not while nobody sees the page.
    if ('requestVideoFrameCallback' in video) video.requestVideoFrameCallback(() => void step());
    else setTimeout(() => void step(), PACE_MS);
  };
  const step = async () => {
    const now = performance.now();
    if (!stopped && now - last >= PACE_MS - 10) {
      last = now;
      await look();
    }
    next();
  };
  next();
  return () => (stopped = true);
}
