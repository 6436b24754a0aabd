import type { ApiProblem } from '$lib/api';
import { ask } from '../../account.svelte';
import { live } from '../../today/live.svelte';
import { unread } from '../../unread.svelte';
import { onNews } from '../news';
import type { Message, Thread, Threads } from '../types';
import { isFollowed, merged } from './window';

const PAGE = 30;
/** Without the stream, this often. */
const LOOK_MS = 10_000;
/** What one has just sent, this often: the stream tells only what others write. */
const FOLLOW_MS = 2_000;

/** Who wrote, newest first. */
export class Inbox {
  items = $state.raw<Thread[]>();
  cursor = $state<string | null>(null);
  problem = $state.raw<ApiProblem>();
  busy = $state(false);

  load = (): Promise<void> => this.#ask(null);
  more = (): Promise<void> => this.#ask(this.cursor);

  /** Looks at it until the answer is called. */
  follow(): () => void {
    void this.load();
    return lookAt(this.load);
  }

  async #ask(after: string | null): Promise<void> {
    const limit = after === null ? Math.min(100, Math.max(PAGE, this.items?.length ?? 0)) : PAGE;
    this.busy = true;
    const result = await ask<Threads>('GET', `/api/v1/inbox?limit=${limit}${after === null ? '' : `&cursor=${encodeURIComponent(after)}`}`);
    this.busy = false;
    this.problem = result.ok ? undefined : result.problem;
    if (!result.ok) return;
    this.items = after === null ? result.value.items : [...(this.items ?? []), ...result.value.items];
    this.cursor = result.value.next_cursor;
    unread.is(result.value.unread);
  }
}

/** One conversation. To look at it is to read it. */
export class Conversation {
  thread = $state.raw<Thread>();
  messages = $state.raw<Message[]>([]);
  problem = $state.raw<ApiProblem>();

  constructor(
    readonly id: string,
    private readonly onread: () => void,
  ) {}

  load = async (): Promise<void> => {
    const result = await ask<{ thread: Thread; messages: Message[] }>('GET', `/api/v1/inbox/${this.id}`);
    this.problem = result.ok ? undefined : result.problem;
    if (!result.ok) return;
    const hadUnread = this.thread === undefined || result.value.messages.length > this.messages.length;
    this.thread = result.value.thread;
    this.messages = result.value.messages;
    if (hadUnread) this.onread();
  };

  add(message: Message): void {
    this.messages = merged(this.messages, [message]);
  }

  /** Looks at it until the answer is called. */
  follow(): () => void {
    void this.load();
    const stop = lookAt(this.load);
    const timer = setInterval(() => {
      if (!document.hidden && isFollowed(this.messages, Date.now())) void this.load();
    }, FOLLOW_MS);
    return () => {
      stop();
      clearInterval(timer);
    };
  }
}

/** Asks anew when somebody wrote, and by the clock where the stream is cut. */
function lookAt(load: () => Promise<void>): () => void {
  const stop = onNews((news) => (news.name === 'inbound_message' || news.name === 'resync') && void load());
  const timer = setInterval(() => {
    if (!document.hidden && live.status !== 'live') void load();
  }, LOOK_MS);
  return () => {
    stop();
    clearInterval(timer);
  };
}
