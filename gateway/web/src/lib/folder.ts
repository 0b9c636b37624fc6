// The files of a folder that was dropped or chosen, and which of them nobody means.

/** A file that comes out of an archive when it is wanted. */
export interface Packed {
  /** Unpacked, in bytes. */
  readonly size: number;
  /** Of the archive that it is in. */
  readonly lastModified: number;
  open(signal: AbortSignal): Promise<Blob>;
}

/** What a file holds, here or packed. */
export type Held = File | Packed;

export const opened = async (file: Held, signal: AbortSignal): Promise<Blob> =>
  file instanceof Blob ? file : file.open(signal);

/** One that goes. */
export interface Found {
  /** Below the folder, with `/`, composed. */
  name: string;
  file: Held;
}

/** Everything of one choice. */
export interface Folder {
  /** Its own name; empty where loose files were dropped. */
  name: string;
  /** By name. */
  files: Found[];
  /** Names of what stays: of operating systems, hidden, and files that are called the same as another. */
  skipped: string[];
}

/** What the fleet passes over too, in lower case: of operating systems, file managers, NAS and version control. */
const JUNK = new Set(
  '__macosx @eadir @recycle @tmp #recycle #snapshot $recycle.bin recycler lost+found thumbs.db ehthumbs.db desktop.ini'
    .split(' ')
    .concat('system volume information', 'icon\r', 'thumbnails', '__pycache__', 'node_modules'),
);

/** Whether nobody means a file or a folder of this name. */
export const isJunk = (name: string): boolean => name.startsWith('.') || JUNK.has(name.toLowerCase());

const isBelowJunk = (path: string): boolean => path.split('/').some(isJunk);

/** A folder of what was found in it. */
export function folderOf(name: string, found: readonly Found[], left: readonly string[] = []): Folder {
  const files = new Map<string, Found>();
  const skipped = [...left];
  for (const { name: written, file } of found) {
    const composed = written.normalize('NFC');
    if (isBelowJunk(composed) || files.has(composed)) skipped.push(composed);
    else files.set(composed, { name: composed, file });
  }
  const sorted = [...files.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return { name: name.normalize('NFC'), files: sorted, skipped };
}

/** Of a field that chooses a folder: each path begins with the folder's name. */
export function chosen(files: Iterable<File>): Folder {
  const all = [...files];
  const parts = (file: File) => (file.webkitRelativePath || file.name).split('/');
  const name = all[0] && parts(all[0]).length > 1 ? parts(all[0])[0]! : '';
  return folderOf(
    name,
    all.map((file) => ({
      name: parts(file)
        .slice(name ? 1 : 0)
        .join('/'),
      file,
    })),
  );
}

/** Of what was dropped. Its entries have to be taken in the event itself: afterwards they are gone. */
export const entriesOf = (items: Iterable<DataTransferItem>): FileSystemEntry[] =>
  [...items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);

/** One folder is the dataset; several things together are a folder without a name. */
export async function dropped(entries: readonly FileSystemEntry[], signal: AbortSignal): Promise<Folder> {
  const [only, more] = entries;
  const root = only?.isDirectory && !more ? only : null;
  const [found, skipped]: [Found[], string[]] = [[], []];
  const waiting: [string, FileSystemEntry][] = root
    ? (await inside(root as FileSystemDirectoryEntry)).map((entry) => [entry.name, entry])
    : entries.map((entry) => [entry.name, entry]);
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    signal.throwIfAborted();
    const [path, entry] = next;
    if (isJunk(entry.name)) skipped.push(path);
    else if (isFolder(entry)) for (const one of await inside(entry)) waiting.push([`${path}/${one.name}`, one]);
    else found.push({ name: path, file: await fileOf(entry as FileSystemFileEntry) });
  }
  return folderOf(root?.name ?? '', found, skipped);
}

const isFolder = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory;

export const fileOf = (entry: FileSystemFileEntry): Promise<File> =>
  new Promise((take, fail) => entry.file(take, fail));

/** A reader gives a hundred or so at a time, and nothing at the end. */
async function inside(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((take, fail) => reader.readEntries(take, fail));
    if (some.length === 0) return all;
    all.push(...some);
  }
}
