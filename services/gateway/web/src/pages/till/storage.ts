/** The little a till keeps: itself (with its key) and its queue in IndexedDB, small preferences in localStorage, and in
 * sessionStorage what outlives a reload and not the window. */

const NAME = 'sello.till';
const VERSION = 1;
type Store = 'device' | 'queue';

let opening: Promise<IDBDatabase> | undefined;

function open(): Promise<IDBDatabase> {
  opening ??= new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.addEventListener('upgradeneeded', () => {
      request.result.createObjectStore('device');
      request.result.createObjectStore('queue', { keyPath: 'operation_id' });
    });
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(request.error));
  });
  // A browser that refused once may allow it after its settings were changed.
  opening.catch(() => (opening = undefined));
  return opening;
}

const answer = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(request.error));
  });

export const readAll = async <T>(store: Store): Promise<T[]> => answer((await open()).transaction(store).objectStore(store).getAll());

export const readOne = async <T>(store: Store, key: string): Promise<T | undefined> => answer((await open()).transaction(store).objectStore(store).get(key));

/** All of it, or nothing; resolves when it is on the disk. */
export async function write(store: Store, work: (objects: IDBObjectStore) => void): Promise<void> {
  const transaction = (await open()).transaction(store, 'readwrite', { durability: 'strict' });
  work(transaction.objectStore(store));
  await new Promise<void>((resolve, reject) => {
    transaction.addEventListener('complete', () => resolve());
    transaction.addEventListener('abort', () => reject(transaction.error));
  });
}

const PREFIX = 'sello.till.';

type Shelf = 'localStorage' | 'sessionStorage';

/** A small value kept under a name; undefined where the browser keeps nothing. */
export function remembered<T>(name: string, shelf: Shelf = 'localStorage'): T | undefined {
  try {
    return JSON.parse(globalThis[shelf].getItem(PREFIX + name) ?? 'null') ?? undefined;
  } catch {
    return undefined;
  }
}

export function remember(name: string, value: unknown, shelf: Shelf = 'localStorage'): void {
  try {
    if (value === undefined) globalThis[shelf].removeItem(PREFIX + name);
    else globalThis[shelf].setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // Then it lasts as long as the page.
  }
}
