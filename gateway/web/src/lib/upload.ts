// How files go to the store of the platform: which together, what is sent again, and the list that makes them a dataset.
import { ApiError, type Api } from './api';
import { opened, type Found, type Held } from './folder';
import { sha256Of } from './sha256';
import type { BlobsMissing } from '../wire/api';

/** Files that go together, and their bytes; a larger one goes alone. */
const GROUP_FILES = 200;
const GROUP_BYTES = 8 * 1024 * 1024;
/** Groups on their way at once. */
export const AT_ONCE = 4;
/** Hashes that are asked about at once. */
const ASKED = 5_000;
/** How often what has failed is sent again, and how long it waits the first time. */
const RETRIES = 5;
const PAUSE_MS = 500;
const NAME_CHARS = 64;

/** A file as the list of a dataset has it. */
export interface Listed {
  name: string;
  sha256: string;
  bytes: number;
}

/** One on its way. */
export type Part = Listed & { file: Held };

/** A part of all. */
export interface Amount {
  files: number;
  bytes: number;
}

export const amountOf = (parts: readonly { file: Held }[]): Amount => ({
  files: parts.length,
  bytes: parts.reduce((sum, { file }) => sum + file.size, 0),
});

/** Whether a dataset can be called so. */
export const isName = (text: string): boolean =>
  [...text].length <= NAME_CHARS && /^[\p{Alphabetic}\p{N}][\p{Alphabetic}\p{N}._-]*$/u.test(text);

/** The name that a folder suggests; empty where nothing of its own can stay. */
export function nameOf(folder: string): string {
  const fitting = folder
    .normalize('NFC')
    .replace(/[^\p{Alphabetic}\p{N}._-]+/gu, '-')
    .replace(/^[._-]+/, '');
  return [...fitting].slice(0, NAME_CHARS).join('').replace(/-+$/, '');
}

/** The list: a line each, in the order of their names. */
export const listText = (files: readonly Listed[]): string =>
  [...files]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, sha256, bytes }) => `${JSON.stringify({ name, sha256, bytes })}\n`)
    .join('');

/** Neighbours, as many as may go together. */
export function groups<T extends { bytes: number }>(files: readonly T[]): T[][] {
  const all: T[][] = [];
  let bytes = 0;
  for (const file of files) {
    const last = all.at(-1);
    bytes += file.bytes;
    if (last && last.length < GROUP_FILES && bytes <= GROUP_BYTES) last.push(file);
    else {
      all.push([file]);
      bytes = file.bytes;
    }
  }
  return all;
}

/** Does `work` for each, some at once; the first that fails ends all. */
export async function each<T>(list: readonly T[], atOnce: number, work: (one: T) => Promise<void>): Promise<void> {
  const waiting = list.values();
  let failed = false;
  const hand = async () => {
    for (const one of waiting) {
      if (failed) return;
      await work(one).catch((error: unknown) => {
        failed = true;
        throw error;
      });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, hand));
}

/** Whether the same may succeed later: the network or the gateway is away or busy, or the name is somebody's for a moment. */
const isPassing = (error: unknown): boolean =>
  error instanceof ApiError &&
  (error.status === 0 || error.status === 429 || error.status >= 500 || error.code === 'dataset_pending');

/** What `ask` answers, which is asked again after longer and longer pauses. */
export async function persistently<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let pause = PAUSE_MS, left = RETRIES; ; pause *= 2, left -= 1) {
    try {
      signal.throwIfAborted();
      return await ask();
    } catch (error) {
      signal.throwIfAborted();
      if (left === 0 || !isPassing(error)) throw error;
      await paused(pause, signal);
    }
  }
}

function paused(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((go) => {
    const timer = setTimeout(go, milliseconds);
    const end = () => (clearTimeout(timer), go());
    signal.addEventListener('abort', end, { once: true });
  });
}

/** Stores the list as a file of its own, and gives its hash. */
export async function storeList(api: Api, files: readonly Listed[], signal: AbortSignal): Promise<string> {
  const file = new Blob([listText(files)]);
  const sha256 = await sha256Of(file, signal);
  await persistently(() => api.store([{ sha256, file }], signal), signal);
  return sha256;
}

/** Those that the store has not, each content once. */
export async function missing(api: Api, parts: readonly Part[], signal: AbortSignal): Promise<Part[]> {
  const byHash = new Map(parts.map((part) => [part.sha256, part]));
  const wanted: Part[] = [];
  const hashes = [...byHash.keys()];
  for (let at = 0; at < hashes.length; at += ASKED) {
    const sha256 = hashes.slice(at, at + ASKED);
    const bytes = sha256.map((hash) => byHash.get(hash)?.file.size ?? 0);
    const ask = () => api.post<BlobsMissing>('/v1/blobs/missing', { sha256, bytes });
    const answer = await persistently(ask, signal);
    wanted.push(...answer.missing.flatMap((hash) => byHash.get(hash) ?? []));
  }
  return wanted;
}

/** Stores files that fit into memory, and their list; gives the list's hash. */
export async function sent(api: Api, files: readonly Found[], signal: AbortSignal): Promise<string> {
  const parts: Part[] = [];
  const whole = new Map<string, Blob>();
  for (const { name, file } of files) {
    const blob = await opened(file, signal);
    const sha256 = await sha256Of(blob, signal);
    whole.set(sha256, blob);
    parts.push({ name, sha256, bytes: blob.size, file });
  }
  for (const group of groups(await missing(api, parts, signal))) {
    const ready = group.map(({ sha256 }) => ({ sha256, file: whole.get(sha256)! }));
    await persistently(() => api.store(ready, signal), signal);
  }
  return storeList(api, parts, signal);
}
