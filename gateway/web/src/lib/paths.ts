// How a path that is being written may go on. Pure.
import type { Folder, FolderAnswer } from '../wire/api';

/** Offered at a time. */
const OFFERED = 8;

/** The folder that is written whole, with its slash; empty before the first slash. */
export const folderOf = (written: string): string => written.slice(0, written.lastIndexOf('/') + 1);

/** One that people would write a path of: no address of the web, no version of a dataset. */
export const mayBePath = (written: string): boolean => !written.includes('://') && !/@[^/]*$/.test(written);

export interface PathHint {
  path: string;
  folder: Folder | null;
}

/** Folders within the written one, the places that all others lie in, and paths that are known already, as far as each begins so. */
export function pathHints(
  written: string,
  here: FolderAnswer | null,
  roots: FolderAnswer | null,
  known: readonly string[],
): PathHint[] {
  const plain = written.toLowerCase();
  const within = (here?.folders ?? []).map((folder) => ({ path: folderOf(written) + folder.name, folder }));
  const all: PathHint[] = [
    ...known.map((path) => ({ path, folder: null })),
    ...within,
    ...(roots?.folders ?? []).map((folder) => ({ path: folder.path, folder })),
  ];
  const once = new Map(all.map((hint) => [hint.path, hint]));
  return [...once.values()]
    .filter(({ path }) => path.toLowerCase().startsWith(plain) && path !== written)
    .slice(0, OFFERED);
}

/** The word of a text that ends at the cursor, if it is a path that has begun: from where on, and what is written of it. */
export function pathAt(text: string, cursor: number): { from: number; written: string } | null {
  const [written] = /[^\s"'`,()]*$/.exec(text.slice(0, cursor))!;
  return written.includes('/') && mayBePath(written) ? { from: cursor - written.length, written } : null;
}
