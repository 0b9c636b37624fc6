// What is kept of an upload while it is on its way, so that it goes on after a reload; what is read of it is not trusted.
import type { Handle } from './handles';
import { mayRead } from './handles';
import type { Shelf } from './shelf';
import { isName, type Amount } from './upload';

export type Stage = 'hashing' | 'sending';

export interface Unfinished {
  /** Whose it is: nobody else goes on with it. */
  owner: string;
  /** Of the dataset. */
  name: string;
  /** Of the folder, or of the zip without its ending. */
  folder: string;
  /** Null where the browser cannot come back to it. */
  handle: Handle | null;
  stage: Stage;
  done: Amount;
  all: Amount;
}

/** The hash of a file, for as long as size and time are the same. */
export interface Known {
  size: number;
  lastModified: number;
  sha256: string;
}
type Line = [name: string, size: number, lastModified: number, sha256: string];

/** What is known of files already, and in how many pieces it is kept. */
export interface Memory {
  readonly known: Map<string, Known>;
  readonly batches: number;
}

const RECORD = 'upload';
/** Between two times that it is told how far it is. */
const PAUSE_MS = 1_000;

/** One that has stopped, of this owner. Whatever else is kept is thrown away. */
export async function unfinished(shelf: Shelf, owner: string): Promise<(Unfinished & Memory) | null> {
  const all = await shelf.all();
  const record = all.get(RECORD);
  if (!isUnfinished(record) || record.owner !== owner) {
    if (all.size > 0) await shelf.clear();
    return null;
  }
  const known = new Map<string, Known>();
  for (const [key, lines] of all) {
    if (key === RECORD || !Array.isArray(lines)) continue;
    for (const [name, size, lastModified, sha256] of lines.filter(isLine))
      known.set(name, { size, lastModified, sha256 });
  }
  return { ...record, known, batches: all.size - 1 };
}

/** Keeps one upload, as far as the browser lets it: without it the upload itself goes on all the same. */
export class Keeper implements Memory {
  /** Whether the page could go on by itself if it were loaded again now. */
  returns = false;
  batches: number;
  readonly known: Map<string, Known>;
  private lines: Line[] = [];
  private toldAt = -Infinity;
  private ended = false;

  constructor(
    private readonly shelf: Shelf,
    private record: Unfinished,
    { known, batches }: Memory = { known: new Map(), batches: 0 },
  ) {
    [this.known, this.batches] = [known, batches];
  }

  async begin(): Promise<void> {
    const { handle } = this.record;
    try {
      // What is kept of the same upload stays.
      if (this.batches === 0) await this.shelf.clear();
      await this.shelf.put(RECORD, this.record);
      this.returns = handle !== null && (await mayRead(handle));
    } catch (error) {
      if (handle === null) return warn(error);
      // Some browsers have handles and cannot keep them.
      this.record = { ...this.record, handle: null };
      await this.begin();
    }
  }

  hashed(name: string, known: Known): void {
    this.known.set(name, known);
    this.lines.push([name, known.size, known.lastModified, known.sha256]);
  }

  /** How far it is; kept now and then, and `now` at once. */
  async reached(stage: Stage, done: Amount, all: Amount, now = false): Promise<void> {
    this.record = { ...this.record, stage, done, all };
    if (this.ended || (!now && performance.now() - this.toldAt < PAUSE_MS)) return;
    this.toldAt = performance.now();
    try {
      if (this.lines.length > 0) await this.shelf.put(this.batches++, this.lines.splice(0));
      if (!this.ended) await this.shelf.put(RECORD, this.record);
    } catch (error) {
      warn(error);
    }
  }

  async erase(): Promise<void> {
    this.ended = true;
    await this.shelf.clear().catch(warn);
  }
}

const warn = (error: unknown): void => console.warn('the upload is not remembered', error);

const isAmount = (value: unknown): value is Amount =>
  isObject(value) && [value['files'], value['bytes']].every((one) => typeof one === 'number' && one >= 0);

function isUnfinished(value: unknown): value is Unfinished {
  if (!isObject(value)) return false;
  const { owner, name, folder, handle, stage, done, all } = value;
  return (
    [owner, name, folder].every((one) => typeof one === 'string' && one !== '') &&
    isName(name as string) &&
    (handle === null || (isObject(handle) && ['directory', 'file'].includes(String(handle['kind'])))) &&
    (stage === 'hashing' || stage === 'sending') &&
    isAmount(done) &&
    isAmount(all) &&
    done.files <= all.files
  );
}

const isLine = (line: unknown): line is Line =>
  Array.isArray(line) &&
  typeof line[0] === 'string' &&
  typeof line[1] === 'number' &&
  typeof line[2] === 'number' &&
  /^[0-9a-f]{64}$/.test(String(line[3]));

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
