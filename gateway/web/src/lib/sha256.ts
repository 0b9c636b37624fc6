// The SHA-256 of files. A browser has its own on https and on loopback only, and only for what fits its memory; a fleet is
// looked at from elsewhere too, so here is another, which takes a file piece by piece.

/** Read at once. */
const PIECE_BYTES = 1024 * 1024;
/** Larger files are not put into memory whole. */
const WHOLE_BYTES = 64 * PIECE_BYTES;

export async function sha256Of(file: Blob, signal?: AbortSignal): Promise<string> {
  const own = (globalThis.crypto as Partial<Crypto> | undefined)?.subtle;
  if (own && file.size <= WHOLE_BYTES)
    return hex(new Uint8Array(await own.digest('SHA-256', await file.arrayBuffer())));
  const hash = new Sha256();
  for (let at = 0; at < file.size; at += PIECE_BYTES) {
    // Between two pieces the page is drawn and heard.
    const piece = await file.slice(at, at + PIECE_BYTES).arrayBuffer();
    signal?.throwIfAborted();
    hash.add(new Uint8Array(piece));
  }
  return hex(hash.end());
}

const hex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');

/** The first 32 bits of the fraction of `root`. */
const fraction = (root: number): number => ((root % 1) * 2 ** 32) | 0;
const PRIMES = Array.from({ length: 312 }, (_, number) => number).filter(
  (number) => number > 1 && !Array.from({ length: number }).some((_, by) => by > 1 && number % by === 0),
);
/** Of the standard: the cube roots of the first 64 primes. */
const ROUNDS = Int32Array.from(PRIMES, (prime) => fraction(Math.cbrt(prime)));
const BLOCK_BYTES = 64;

/** As FIPS 180-4 says it. */
export class Sha256 {
  private state = Int32Array.from(PRIMES.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));
  private words = new Int32Array(64);
  private rest = new Uint8Array(BLOCK_BYTES);
  private bytes = 0;

  add(bytes: Uint8Array): void {
    let at = 0;
    const held = this.bytes % BLOCK_BYTES;
    this.bytes += bytes.length;
    if (held > 0) {
      at = Math.min(BLOCK_BYTES - held, bytes.length);
      this.rest.set(bytes.subarray(0, at), held);
      if (held + at < BLOCK_BYTES) return;
      this.block(this.rest, 0);
    }
    for (; at + BLOCK_BYTES <= bytes.length; at += BLOCK_BYTES) this.block(bytes, at);
    this.rest.set(bytes.subarray(at));
  }

  end(): Uint8Array {
    const bits = this.bytes * 8;
    const filled = (this.bytes % BLOCK_BYTES) + 9;
    const padding = new Uint8Array(9 + ((BLOCK_BYTES - (filled % BLOCK_BYTES)) % BLOCK_BYTES));
    padding[0] = 0x80;
    const length = new DataView(padding.buffer, padding.length - 8);
    length.setUint32(0, Math.floor(bits / 2 ** 32));
    length.setUint32(4, bits >>> 0);
    this.add(padding);
    const out = new DataView(new ArrayBuffer(32));
    this.state.forEach((word, at) => out.setInt32(at * 4, word));
    return new Uint8Array(out.buffer);
  }

  private block(bytes: Uint8Array, from: number): void {
    const w = this.words;
    for (let i = 0, at = from; i < 16; i += 1, at += 4) {
      w[i] = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
    }
    for (let i = 16; i < 64; i += 1) {
      const [x, y] = [w[i - 15]!, w[i - 2]!];
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      w[i] = (w[i - 16]! + s0 + w[i - 7]! + s1) | 0;
    }
    const state = this.state;
    let a = state[0]!;
    let b = state[1]!;
    let c = state[2]!;
    let d = state[3]!;
    let e = state[4]!;
    let f = state[5]!;
    let g = state[6]!;
    let h = state[7]!;
    for (let i = 0; i < 64; i += 1) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const first = (h + s1 + ((e & f) ^ (~e & g)) + ROUNDS[i]! + w[i]!) | 0;
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const second = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + first) | 0;
      d = c;
      c = b;
      b = a;
      a = (first + second) | 0;
    }
    const next = [a, b, c, d, e, f, g, h];
    for (let i = 0; i < 8; i += 1) state[i] = (state[i]! + next[i]!) | 0;
  }
}
