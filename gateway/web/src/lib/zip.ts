// A zip that was dropped or chosen: only its directory is read at first, and a file comes out of it when it is wanted.
import type { FileEntry } from '@zip.js/zip.js';
import { folderOf, isJunk, type Folder, type Found, type Packed } from './folder';

/** What may come out of one: the limits of the platform. */
const LIMITS = {
  bytes: 20 * 2 ** 30,
  files: 2_000_000,
  /** Times the zip's own size, beyond `freeBytes`. */
  ratio: 200,
  freeBytes: 256 * 2 ** 20,
};
const NAME_BYTES = 1_024;
const PART_BYTES = 255;
const FOLDER_DEPTH = 32;
/** The kind of an entry in its Unix mode; without these bits it is whatever its name says. */
const [KIND, REGULAR, DIRECTORY] = [0o170_000, 0o100_000, 0o040_000];

export type ZipFault =
  'damaged' | 'encrypted' | 'outside' | 'link' | 'long' | 'lies' | 'compression' | 'bomb' | 'large' | 'many';

/** Why a zip is not taken; where one entry is the reason, that entry. */
export class BadZip extends Error {
  constructor(
    readonly fault: ZipFault,
    readonly entry = '',
  ) {
    super(`${fault} ${entry}`);
  }
}

export const isZip = (name: string): boolean => /\.zip$/i.test(name);
/** Archives that only the command line and the workers unpack. */
export const isOtherArchive = (name: string): boolean => /\.(tar|tgz|gz|7z|rar|bz2|xz)$/i.test(name);

/** The folder that is in it. */
export async function unzipped(file: File, signal: AbortSignal, limits = LIMITS): Promise<Folder> {
  // Who never has a zip never loads what reads one.
  const { BlobReader, ZipReader } = await import('@zip.js/zip.js/lib/zip-core-custom.js');
  // The page may start no workers of code that is not in a file of ours.
  const reader = new ZipReader(new BlobReader(file), { useWebWorkers: false });
  const most = Math.min(limits.bytes, limits.freeBytes + limits.ratio * file.size);
  const found: Found[] = [];
  const skipped: string[] = [];
  let [bytes, entries] = [0, 0];
  try {
    // Names are checked here, in the encoding that they are written in.
    for await (const entry of reader.getEntriesGenerator({ filenameValidation: 'tolerant' })) {
      signal.throwIfAborted();
      if ((entries += 1) > limits.files) throw new BadZip('many');
      const name = nameOf(entry.rawFilename);
      if (name === '') continue;
      if (name.split('/').some(isJunk)) {
        if (!entry.directory) skipped.push(name);
        continue;
      }
      if (entry.encrypted) throw new BadZip('encrypted', name);
      const kind = (entry.externalFileAttributes >>> 16) & KIND;
      if (kind !== 0 && kind !== REGULAR && kind !== DIRECTORY) throw new BadZip('link', name);
      if (entry.directory) continue;
      bytes += entry.uncompressedSize;
      if (bytes > most) throw new BadZip(most === limits.bytes ? 'large' : 'bomb');
      found.push({ name, file: packed(entry, name) });
    }
  } catch (error) {
    throw asFault(error, '');
  }
  return folderOf(file.name.replace(/\.zip$/i, ''), found, skipped);
}

/** One file of it; no more comes out than is stated. */
function packed(entry: FileEntry, name: string): Packed {
  const size = entry.uncompressedSize;
  const open = async (signal: AbortSignal): Promise<Blob> => {
    const parts: Uint8Array<ArrayBuffer>[] = [];
    let bytes = 0;
    const writable = new WritableStream<Uint8Array<ArrayBuffer>>({
      write(part) {
        bytes += part.length;
        if (bytes > size) throw new BadZip('lies', name);
        parts.push(part);
      },
    });
    try {
      await entry.getData(writable, { signal, checkSignature: true });
    } catch (error) {
      signal.throwIfAborted();
      throw bytes > size ? new BadZip('lies', name) : asFault(error, name);
    }
    if (bytes !== size) throw new BadZip('lies', name);
    return new Blob(parts);
  };
  return { size, open };
}

/** What the reader of zips says, by what a person can do about it. */
function asFault(error: unknown, name: string): unknown {
  if (error instanceof BadZip || (error instanceof DOMException && error.name === 'AbortError')) return error;
  const said = error instanceof Error ? error.message : '';
  if (/encrypt|password/i.test(said)) return new BadZip('encrypted', name);
  if (/compression method|unsupported compression/i.test(said)) return new BadZip('compression', name);
  return new BadZip('damaged', name);
}

/** Below the folder; empty for the folder itself. */
function nameOf(raw: Uint8Array): string {
  // Some programs for Windows write no other separator.
  const name = decoded(raw).replaceAll('\\', '/');
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if (name.startsWith('/') || /^[a-z]:(\/|$)/i.test(name) || parts.includes('..')) throw new BadZip('outside', name);
  const long = (text: string, most: number) => new TextEncoder().encode(text).length > most;
  if (long(name, NAME_BYTES) || parts.some((part) => long(part, PART_BYTES)) || parts.length > FOLDER_DEPTH + 1)
    throw new BadZip('long', `${name.slice(0, 80)}…`);
  if (name.includes('\0')) throw new BadZip('damaged', name.replaceAll('\0', '?'));
  return parts.join('/');
}

/** Korean Windows writes its own code page. */
function decoded(raw: Uint8Array): string {
  for (const encoding of ['utf-8', 'euc-kr'])
    try {
      return new TextDecoder(encoding, { fatal: true }).decode(raw);
    } catch {
      // The next one may fit.
    }
  throw new BadZip('damaged', new TextDecoder().decode(raw));
}
