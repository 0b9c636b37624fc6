// How large the built page is: what a browser would load that goes everywhere.
import { gzipSync } from 'node:zlib';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Gzipped bytes of all scripts and styles, and of those that somebody loads who reads English alone. */
export function bundle(): { all: number; english: number } {
  const assets = join(import.meta.dirname, '../../dist/assets');
  const sizes = readdirSync(assets)
    .filter((name) => /\.(js|css)$/.test(name))
    .map((name) => ({ name, bytes: gzipSync(readFileSync(join(assets, name)), { level: 9 }).length }));
  const sum = (some: typeof sizes) => some.reduce((sum, { bytes }) => sum + bytes, 0);
  // Each language is a file of its own, of which a page reads one.
  return { all: sum(sizes), english: sum(sizes.filter(({ name }) => !name.startsWith('ko-'))) };
}
