// A zip that was dropped or chosen: only its directory is read at first, and a file comes out of it when it is wanted.
import { folderOf, isJunk, type Folder, type Found, type Packed } from './folder';
import { crc32, listed, packedOf, type Listed } from './zip-directory';

/** What may come out of one: the limits of the platform. */
const LIMITS = {
  bytes: 20 * 2 ** 30,
  files: 2_000_000,
  /** Times the zip's own size, beyond `freeBytes`. */
  ratio: 200,
  freeBytes: 256 * 2 ** 20,
};
const [STORED, DEFLATED] = [0, 8];
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
  const most = Math.min(limits.bytes, limits.freeBytes + limits.ratio * file.size);
  const found: Found[] = [];
  const skipped: string[] = [];
  let [bytes, entries] = [0, 0];
  try {
    for await (const entry of listed(file)) {
      signal.throwIfAborted();
      if ((entries += 1) > limits.files) throw new BadZip('many');
      const name = nameOf(entry.name);
      if (name === '') continue;
      if (name.split('/').some(isJunk)) {
        if (!entry.directory) skipped.push(name);
        continue;
      }
      if (entry.encrypted) throw new BadZip('encrypted', name);
      const kind = entry.mode & KIND;
      if (kind !== 0 && kind !== REGULAR && kind !== DIRECTORY) throw new BadZip('link', name);
      if (entry.directory) continue;
      bytes += entry.size;
      if (bytes > most) throw new BadZip(most === limits.bytes ? 'large' : 'bomb');
      found.push({ name, file: packed(file, entry, name) });
    }
  } catch (error) {
    throw asFault(error, signal, '');
  }
  return folderOf(file.name.replace(/\.zip$/i, ''), found, skipped);
}

/** One file of it; no more comes out than is stated. */
function packed(zip: File, entry: Listed, name: string): Packed {
  const { size, method } = entry;
  const open = async (signal: AbortSignal): Promise<Blob> => {
    if (method !== STORED && method !== DEFLATED) throw new BadZip('compression', name);
    const parts: Uint8Array<ArrayBuffer>[] = [];
    let [bytes, crc] = [0, 0];
    const kept = new WritableStream<Uint8Array<ArrayBuffer>>({
      write(part) {
        bytes += part.length;
        if (bytes > size) throw new BadZip('lies', name);
        crc = crc32(crc, part);
        parts.push(part);
      },
    });
    try {
      const inside = (await packedOf(zip, entry)).stream();
      const unpacked = method === STORED ? inside : inside.pipeThrough(new DecompressionStream('deflate-raw'));
      await unpacked.pipeTo(kept, { signal });
    } catch (error) {
      throw asFault(error, signal, name);
    }
    if (bytes !== size) throw new BadZip('lies', name);
    if (crc !== entry.crc) throw new BadZip('damaged', name);
    return new Blob(parts);
  };
  return { size, lastModified: zip.lastModified, open };
}

/** Who gave it up is told so; whatever else could not be read is damaged. */
function asFault(error: unknown, signal: AbortSignal, name: string): unknown {
  signal.throwIfAborted();
  return error instanceof BadZip ? error : new BadZip('damaged', name);
}

/** Below the folder; empty for the folder itself. */
function nameOf(raw: Uint8Array): string {
  // Some programs for Windows write no other separator.
  const name = decoded(raw).replaceAll('\\', '/');
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if (name.startsWith('/') || /^[a-z]:(\/|$)/i.test(name) || parts.includes('..')) throw new BadZip('outside', name);
  const long = (text: string, most: number) => ENCODER.encode(text).length > most;
  if (long(name, NAME_BYTES) || parts.some((part) => long(part, PART_BYTES)) || parts.length > FOLDER_DEPTH + 1)
    throw new BadZip('long', `${name.slice(0, 80)}…`);
  if (name.includes('\0')) throw new BadZip('damaged', name.replaceAll('\0', '?'));
  return parts.join('/');
}

/** Korean Windows writes its own code page. */
const DECODERS = ['utf-8', 'euc-kr'].map((encoding) => new TextDecoder(encoding, { fatal: true }));
const ENCODER = new TextEncoder();

function decoded(raw: Uint8Array): string {
  for (const decoder of DECODERS)
    try {
      return decoder.decode(raw);
    } catch {
      // The next one may fit.
    }
  throw new BadZip('damaged', new TextDecoder().decode(raw));
}
