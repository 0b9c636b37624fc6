// Folders and files that a browser lets the page come back to: how they are chosen, whether they may be read, what is in them.
/// <reference lib="dom.asynciterable" />
import { folderOf, isJunk, type Folder, type Found } from './folder';

export type Handle = FileSystemDirectoryHandle | FileSystemFileHandle;

/** What only some browsers have, so that TypeScript does not know it. */
interface Pickers {
  showDirectoryPicker?(): Promise<FileSystemDirectoryHandle>;
  showOpenFilePicker?(options: object): Promise<FileSystemFileHandle[]>;
}
interface Permits {
  queryPermission?(): Promise<PermissionState>;
  requestPermission?(): Promise<PermissionState>;
}
interface Dropped {
  getAsFileSystemHandle?(): Promise<Handle | null>;
}

const ZIPS = { types: [{ accept: { 'application/zip': ['.zip'] } }] };

export type Pick = 'folder' | 'zip';
const pickers = (): Pickers => window as Pickers;

/** Whether what is chosen here can be come back to. */
export const mayPick = (what: Pick): boolean =>
  what === 'folder' ? 'showDirectoryPicker' in pickers() : 'showOpenFilePicker' in pickers();

/** What somebody chooses; null where they choose nothing. */
export async function picked(what: Pick): Promise<Handle | null> {
  try {
    if (what === 'folder') return (await pickers().showDirectoryPicker?.()) ?? null;
    return (await pickers().showOpenFilePicker?.(ZIPS))?.[0] ?? null;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return null;
    throw error;
  }
}

/** Of one thing that was dropped. It has to be asked for in the event itself: afterwards it is gone. */
export async function handleOf(items: Iterable<DataTransferItem>): Promise<Handle | null> {
  const [only, more] = [...items].filter(({ kind }) => kind === 'file');
  if (!only || more) return null;
  // Without it everything else goes on: nobody can come back to what was dropped.
  return (only as Dropped).getAsFileSystemHandle?.().catch(() => null) ?? null;
}

/** Whether it can be read without anybody being asked. */
export const mayRead = async (handle: Handle): Promise<boolean> =>
  (await (handle as Permits).queryPermission?.()) === 'granted';

/** Asks whoever is there; only in answer to a click. */
export const allowed = async (handle: Handle): Promise<boolean> =>
  (await (handle as Permits).requestPermission?.()) === 'granted';

/** Everything in a folder, but for what nobody means. */
export async function walked(root: FileSystemDirectoryHandle, signal: AbortSignal): Promise<Folder> {
  const [found, skipped]: [Found[], string[]] = [[], []];
  const waiting: [string, FileSystemDirectoryHandle][] = [['', root]];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [path, folder] = next;
    for await (const entry of folder.values() as AsyncIterable<Handle>) {
      signal.throwIfAborted();
      const name = path + entry.name;
      if (isJunk(entry.name)) skipped.push(name);
      else if (entry.kind === 'directory') waiting.push([`${name}/`, entry]);
      else found.push({ name, file: await entry.getFile() });
    }
  }
  return folderOf(root.name, found, skipped);
}
