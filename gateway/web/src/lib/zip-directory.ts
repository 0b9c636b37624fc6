// What is in a zip, by the directory at its end (APPNOTE 6.3.10, zip64 too), read piece by piece: no file of it is opened.

/** A file or a folder, as the directory has it. */
export interface Listed {
  /** In the encoding of whoever packed it. */
  name: Uint8Array<ArrayBuffer>;
  /** The upper half of its attributes: where Unix keeps the mode. */
  mode: number;
  directory: boolean;
  encrypted: boolean;
  /** 0 is stored, 8 is deflated. */
  method: number;
  /** Packed and unpacked, in bytes. */
  packed: number;
  size: number;
  crc: number;
  /** Where its own header begins, of the whole file. */
  at: number;
}

const END = 0x06054b50;
const END_BYTES = 22;
const END_64 = 0x06064b50;
const END_64_BYTES = 56;
const LOCATOR_64 = 0x07064b50;
const LOCATOR_64_BYTES = 20;
const ENTRY = 0x02014b50;
const ENTRY_BYTES = 46;
const HEADER = 0x04034b50;
const HEADER_BYTES = 30;
/** What stands in a field of which zip64 has the number. */
const [ELSEWHERE_16, ELSEWHERE_32] = [0xffff, 0xffffffff];
const COUNTED = 0x10000;
const EXTRA_64 = 1;
/** The bits of what is encrypted: a file, strongly, and the directory. */
const ENCRYPTED = 0x2041;
const DOS_FOLDER = 0x10;
const SLASH = 0x2f;
/** Read of the directory at once; no entry is longer than three fields of 64 KiB. */
const PIECE_BYTES = 1024 * 1024;

const damaged = (what: string) => new Error(`the zip is damaged: ${what}`);

async function read(file: Blob, from: number, bytes: number): Promise<DataView<ArrayBuffer>> {
  if (from < 0 || from + bytes > file.size) throw damaged('it ends too early');
  return new DataView(await file.slice(from, from + bytes).arrayBuffer());
}

function number64(view: DataView, at: number): number {
  const value = Number(view.getBigUint64(at, true));
  if (!Number.isSafeInteger(value)) throw damaged('a number is too large');
  return value;
}

interface Place {
  entries: number;
  bytes: number;
  /** Where the directory says that it begins, and where whatever comes after it does. */
  stated: number;
  end: number;
}

/** Where the directory is, by the last thing in the file. */
async function placeOf(file: Blob): Promise<Place> {
  const from = Math.max(0, file.size - END_BYTES - ELSEWHERE_16);
  const tail = await read(file, from, file.size - from);
  for (let at = tail.byteLength - END_BYTES; at >= 0; at -= 1) {
    if (tail.getUint32(at, true) !== END || at + END_BYTES + tail.getUint16(at + 20, true) > tail.byteLength) continue;
    if (tail.getUint16(at + 4, true) % ELSEWHERE_16 !== 0) throw damaged('it is one of several parts');
    const [entries, bytes, stated] = [
      tail.getUint16(at + 10, true),
      tail.getUint32(at + 12, true),
      tail.getUint32(at + 16, true),
    ];
    const isLarge = entries === ELSEWHERE_16 || bytes === ELSEWHERE_32 || stated === ELSEWHERE_32;
    return (isLarge && (await placeOf64(file, from + at))) || { entries, bytes, stated, end: from + at };
  }
  throw damaged('it has no directory');
}

/** The same of a large one; null if there is none before `end`. */
async function placeOf64(file: Blob, end: number): Promise<Place | null> {
  if (end < LOCATOR_64_BYTES + END_64_BYTES) return null;
  const locator = await read(file, end - LOCATOR_64_BYTES, LOCATOR_64_BYTES);
  if (locator.getUint32(0, true) !== LOCATOR_64) return null;
  // Where it says, or right before the locator if something was put before the zip.
  for (const at of [number64(locator, 8), end - LOCATOR_64_BYTES - END_64_BYTES]) {
    if (at + END_64_BYTES > end) continue;
    const found = await read(file, at, END_64_BYTES);
    if (found.getUint32(0, true) === END_64)
      return { entries: number64(found, 32), bytes: number64(found, 40), stated: number64(found, 48), end: at };
  }
  throw damaged('its directory is not where it says');
}

/** Everything that it lists, in its order. */
export async function* listed(file: Blob): AsyncGenerator<Listed> {
  const place = await placeOf(file);
  const begin = place.end - place.bytes;
  // What was put before the zip moved everything.
  const shift = begin - place.stated;
  if (begin < 0 || shift < 0) throw damaged('its directory is not where it says');
  let [piece, from, at] = [await read(file, begin, Math.min(PIECE_BYTES, place.bytes)), begin, 0];
  let entries = 0;
  for (; from + at < place.end; entries += 1) {
    if (piece.byteLength - at < ENTRY_BYTES + 3 * ELSEWHERE_16 && from + piece.byteLength < place.end) {
      [from, at] = [from + at, 0];
      piece = await read(file, from, Math.min(PIECE_BYTES, place.end - from));
    }
    const [entry, length] = entryAt(piece, at);
    at += length;
    yield { ...entry, at: entry.at + shift };
  }
  // Some programs count to 65,535 and begin anew.
  if ((entries - place.entries) % COUNTED !== 0) throw damaged('its directory has not what it says');
}

function entryAt(piece: DataView<ArrayBuffer>, at: number): [Listed, number] {
  const left = piece.byteLength - at;
  if (left < ENTRY_BYTES || piece.getUint32(at, true) !== ENTRY) throw damaged('its directory ends too early');
  const [name, extra, comment] = [28, 30, 32].map((field) => piece.getUint16(at + field, true)) as [
    number,
    number,
    number,
  ];
  const length = ENTRY_BYTES + name + extra + comment;
  if (left < length) throw damaged('its directory ends too early');
  const field = at + ENTRY_BYTES + name;
  const [packed, size, header] = numbers(piece, at, field, field + extra);
  const written = new Uint8Array(piece.buffer.slice(at + ENTRY_BYTES, field));
  const attributes = piece.getUint32(at + 38, true);
  return [
    {
      name: written,
      mode: attributes >>> 16,
      directory: written.at(-1) === SLASH || (attributes & DOS_FOLDER) !== 0,
      encrypted: (piece.getUint16(at + 8, true) & ENCRYPTED) !== 0,
      method: piece.getUint16(at + 10, true),
      packed,
      size,
      crc: piece.getUint32(at + 16, true),
      at: header,
    },
    length,
  ];
}

/** Packed, unpacked and the header's place: of zip64's field, in the order of the standard, those that are not in the entry. */
function numbers(
  piece: DataView,
  at: number,
  from: number,
  to: number,
): [packed: number, size: number, header: number] {
  let [size, packed, header] = [24, 20, 42].map((field) => piece.getUint32(at + field, true)) as [
    number,
    number,
    number,
  ];
  for (let field = from; field + 4 <= to; field += 4 + piece.getUint16(field + 2, true)) {
    if (piece.getUint16(field, true) !== EXTRA_64) continue;
    const end = Math.min(to, field + 4 + piece.getUint16(field + 2, true));
    let next = field + 4;
    const large = (value: number) => {
      if (value !== ELSEWHERE_32) return value;
      if (next + 8 > end) throw damaged('a number is missing');
      return number64(piece, (next += 8) - 8);
    };
    [size, packed, header] = [large(size), large(packed), large(header)];
    break;
  }
  return [packed, size, header];
}

/** The packed bytes of one. */
export async function packedOf(file: Blob, { at, packed }: Listed): Promise<Blob> {
  const header = await read(file, at, HEADER_BYTES);
  if (header.getUint32(0, true) !== HEADER) throw damaged('a file is not where the directory says');
  const from = at + HEADER_BYTES + header.getUint16(26, true) + header.getUint16(28, true);
  if (from + packed > file.size) throw damaged('a file ends too early');
  return file.slice(from, from + packed);
}

const CRC = Uint32Array.from({ length: 256 }, (_, byte) => {
  for (let bit = 0; bit < 8; bit += 1) byte = byte & 1 ? (byte >>> 1) ^ 0xedb88320 : byte >>> 1;
  return byte;
});

/** The CRC-32 of more bytes; the first ones begin at 0. */
export function crc32(crc: number, bytes: Uint8Array): number {
  crc = ~crc;
  for (const byte of bytes) crc = CRC[(crc ^ byte) & 255]! ^ (crc >>> 8);
  return ~crc >>> 0;
}
