// What the browser keeps for this page until it is taken away again: a database with one store of keys and values.
import { base } from './base';

export interface Shelf {
  put(key: string | number, value: unknown): Promise<void>;
  all(): Promise<Map<unknown, unknown>>;
  clear(): Promise<void>;
}

const STORE = 'kept';
/** Another gateway behind the same origin has another one. */
const DATABASE = `trainyard ${base}`;

/** Each call fails where the browser keeps nothing, as some do in private windows. */
export function browserShelf(): Shelf {
  let opened: Promise<IDBDatabase> | null = null;
  const database = () => (opened ??= open());
  const store = async (mode: IDBTransactionMode) => (await database()).transaction(STORE, mode).objectStore(STORE);
  return {
    async put(key, value) {
      await settled((await store('readwrite')).put(value, key));
    },
    async all() {
      const from = await store('readonly');
      // Of one transaction, so that keys and values belong together.
      const [keys, values] = await Promise.all([settled(from.getAllKeys()), settled(from.getAll())]);
      return new Map(keys.map((key, at) => [key, values[at]]));
    },
    async clear() {
      await settled((await store('readwrite')).clear());
    },
  };
}

async function open(): Promise<IDBDatabase> {
  const asked = indexedDB.open(DATABASE, 1);
  asked.onupgradeneeded = () => asked.result.createObjectStore(STORE);
  return settled(asked);
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((take, fail) => {
    request.onsuccess = () => take(request.result);
    request.onerror = () => fail(request.error);
  });
}
