/** The live stream: one WebSocket that mends itself and never leaves a gap unsaid. */

export interface LiveMessage {
  type: 'snapshot' | 'event' | 'resync' | 'card' | 'problem';
  cursor?: string;
  [field: string]: unknown;
}

/** `live`: what is shown is now. `waiting`: cut, and trying. `paused`: nobody is looking, or nobody is signed in. */
export type LiveStatus = 'live' | 'waiting' | 'paused';

export interface LiveOptions {
  /** A token good for now: `session.token`. */
  token: () => Promise<string | undefined>;
  /** Each message in order. After `resync` the page loads its state anew: events in between were missed. */
  onMessage: (message: LiveMessage) => void;
  onStatus?: (status: LiveStatus) => void;
  path?: string;
  /** The first frame, where it is not the panel's. */
  hello?: (token: string) => object;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 20_000;
/** A page out of sight for this long gives its socket back. */
const HIDDEN_MS = 60_000;

/** Half the doubled wait is fixed, half is chance: a thousand panels do not come back in the same instant. */
export function backoff(failures: number, chance = Math.random()): number {
  const full = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures);
  return full / 2 + (full / 2) * chance;
}

/** Opens the stream and keeps it open until `close`. */
export function openLive({ token, onMessage, onStatus, path = '/api/v1/live', hello }: LiveOptions): { close(): void } {
  let socket: WebSocket | undefined;
  let cursor: string | undefined;
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let hiding: ReturnType<typeof setTimeout> | undefined;
  let connecting = false;
  let closed = false;

  const later = () => {
    onStatus?.('waiting');
    clearTimeout(timer);
    timer = setTimeout(() => void connect(), backoff(failures++));
  };

  const connect = async (): Promise<void> => {
    if (closed || socket || connecting || document.hidden) return;
    connecting = true;
    clearTimeout(timer);
    const current = await token().catch(() => undefined);
    connecting = false;
    if (closed || document.hidden) return;
    // Without a token there is nothing to open; it comes back with the sign-in, or with the network.
    if (!current) return later();
    const opened = new WebSocket(new URL(path, location.href.replace(/^http/, 'ws')));
    socket = opened;
    opened.addEventListener('open', () => opened.send(JSON.stringify(hello?.(current) ?? { token: current, ...(cursor !== undefined && { after: cursor }) })));
    opened.addEventListener('message', (event) => receive(event.data));
    opened.addEventListener('close', () => {
      if (socket !== opened) return;
      socket = undefined;
      if (!closed && !document.hidden) later();
    });
  };

  const receive = (data: unknown) => {
    let message: LiveMessage;
    try {
      message = JSON.parse(String(data));
    } catch {
      return;
    }
    // A refusal is not a stream: the next try waits longer, and nothing is called live.
    if (message.type === 'problem') return onMessage(message);
    failures = 0;
    // A resync without a cursor of its own means that ours is worth nothing.
    if (message.cursor !== undefined || message.type === 'resync') cursor = message.cursor;
    onStatus?.('live');
    onMessage(message);
  };

  const drop = (status: LiveStatus) => {
    clearTimeout(timer);
    const old = socket;
    socket = undefined;
    old?.close();
    onStatus?.(status);
  };

  const onVisibility = () => {
    clearTimeout(hiding);
    if (document.hidden) {
      hiding = setTimeout(() => drop('paused'), HIDDEN_MS);
    } else {
      failures = 0;
      void connect();
    }
  };
  const onOnline = () => {
    // A socket from before the cut may look open for minutes.
    drop('waiting');
    failures = 0;
    void connect();
  };

  document.addEventListener('visibilitychange', onVisibility);
  globalThis.addEventListener('online', onOnline);
  void connect();

  return {
    close() {
      closed = true;
      clearTimeout(hiding);
      document.removeEventListener('visibilitychange', onVisibility);
      globalThis.removeEventListener('online', onOnline);
      drop('paused');
    },
  };
}
