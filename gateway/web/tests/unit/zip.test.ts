// A zip on its way into the store: as people pack it, and as their enemies do. The zips are made here, byte by byte.
import { createHash } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { cleanup, render, screen } from '@testing-library/svelte';
import { afterEach, expect, it, vi } from 'vitest';
import { i18n } from '../../src/i18n/i18n.svelte';
import { opened } from '../../src/lib/folder';
import { BadZip, unzipped } from '../../src/lib/zip';
import { look } from '../../src/state/datasets.svelte';
import { session } from '../../src/state/session.svelte';
import { upload } from '../../src/state/upload.svelte';
import DatasetUpload from '../../src/ui/DatasetUpload.svelte';
import type { DatasetSource } from '../../src/wire/rows';

interface Entry {
  name: string | Uint8Array;
  content?: string | Uint8Array;
  /** What the headers say, where that is not so. */
  size?: number;
  encrypted?: boolean;
  mode?: number;
}

const CRC = Uint32Array.from({ length: 256 }, (_, at) => {
  let crc = at;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});
const crcOf = (bytes: Uint8Array) => {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = CRC[(crc ^ byte) & 255]! ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
};

/** With `large`, every number is where zip64 has it. */
function zipOf(entries: readonly Entry[], large = false): Uint8Array {
  const [bodies, directory]: [Buffer[], Buffer[]] = [[], []];
  let at = 0;
  for (const { name: written, content = '', size, encrypted, mode = 0 } of entries) {
    const [name, bytes] = [Buffer.from(written), Buffer.from(content)];
    // Nothing is packed the same each time, and there may be much of it.
    const packed = bytes.length ? deflateRawSync(bytes) : Buffer.of(3, 0);
    const about = Buffer.alloc(26);
    about.writeUInt16LE(20, 0);
    about.writeUInt16LE(encrypted ? 1 : 0, 2);
    about.writeUInt16LE(8, 4);
    about.writeUInt32LE(crcOf(bytes), 10);
    about.writeUInt32LE(packed.length, 14);
    about.writeUInt32LE(size ?? bytes.length, 18);
    about.writeUInt16LE(name.length, 22);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE((mode << 16) >>> 0, 6);
    rest.writeUInt32LE(large ? 0xffffffff : at, 10);
    const listed = Buffer.from(about);
    const extra = Buffer.alloc(large ? 28 : 0);
    if (large) {
      listed.fill(255, 14, 22);
      listed.writeUInt16LE(extra.length, 24);
      extra.writeUInt16LE(1, 0);
      extra.writeUInt16LE(24, 2);
      [size ?? bytes.length, packed.length, at].forEach((value, field) =>
        extra.writeBigUInt64LE(BigInt(value), 4 + 8 * field),
      );
    }
    directory.push(Buffer.from('PK\x01\x02\x14\x03', 'latin1'), listed, rest, name, extra);
    bodies.push(Buffer.from('PK\x03\x04', 'latin1'), about, name, packed);
    at += 4 + about.length + name.length + packed.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(22, large ? 255 : 0);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt32LE(0, 4);
  end.writeUInt16LE(0, 20);
  if (large) {
    const whole = Buffer.alloc(76);
    whole.write('PK\x06\x06', 'latin1');
    whole.writeBigUInt64LE(44n, 4);
    [entries.length, entries.length, listed.length, at].forEach((value, field) =>
      whole.writeBigUInt64LE(BigInt(value), 24 + 8 * field),
    );
    whole.write('PK\x06\x07', 56, 'latin1');
    whole.writeBigUInt64LE(BigInt(at + listed.length), 64);
    return Buffer.concat([...bodies, listed, whole, end]);
  }
  end.writeUInt16LE(entries.length % 65_536, 8);
  end.writeUInt16LE(entries.length % 65_536, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...bodies, listed, end]);
}

const running = () => new AbortController().signal;
const fileOf = (bytes: Uint8Array) => new File([new Uint8Array(bytes)], 'pets.zip');
const read = (entries: readonly Entry[]) => unzipped(fileOf(zipOf(entries)), running());
const fault = (zip: Promise<unknown>) =>
  zip.then(
    () => 'none',
    (error: unknown) => (error instanceof BadZip ? error.fault : String(error)),
  );

afterEach(() => {
  upload.cancel();
  cleanup();
  vi.restoreAllMocks();
});

it('gives its files when they are wanted, without what nobody means', async () => {
  const big = 'x'.repeat(300_000);
  // 고양이, as Korean Windows writes it.
  const korean = Uint8Array.of(0xb0, 0xed, 0xbe, 0xe7, 0xc0, 0xcc, ...Buffer.from('/1.jpg'));
  const folder = await read([
    { name: 'pets/' },
    { name: 'pets/dogs/1.jpg', content: big },
    { name: 'pets\\dogs\\2.jpg', content: 'b' },
    { name: korean, content: 'c' },
    { name: '__MACOSX/pets/._1.jpg', content: 'd' },
  ]);
  expect([folder.name, folder.skipped]).toEqual(['pets', ['__MACOSX/pets/._1.jpg']]);
  expect(folder.files.map((one) => [one.name, one.file.size])).toEqual([
    ['pets/dogs/1.jpg', 300_000],
    ['pets/dogs/2.jpg', 1],
    ['고양이/1.jpg', 1],
  ]);
  const contents = await Promise.all(folder.files.map(async ({ file }) => (await opened(file, running())).text()));
  expect(contents).toEqual([big, 'b', 'c']);
});

it('is read as large ones are written, with more files than their directory counts, and behind something else', async () => {
  const pair = ['pets/1.jpg', 'pets/2.jpg'].map((name) => ({ name, content: name }));
  const [plain, large] = [zipOf(pair), zipOf(pair, true)];
  const behind = (zip: Uint8Array) => Buffer.concat([Buffer.from('#!/bin/sh\n'.repeat(9)), zip, Buffer.from('\n')]);
  for (const zip of [large, behind(plain), behind(large)]) {
    const { files } = await unzipped(fileOf(zip), running());
    const contents = await Promise.all(files.map(async ({ file }) => (await opened(file, running())).text()));
    expect(contents).toEqual(pair.map(({ content }) => content));
  }
  const many = await read(Array.from({ length: 65_540 }, (_, at) => ({ name: `${at}.jpg` })));
  expect(many.files.length).toBe(65_540);
  const short = zipOf(pair);
  short[short.length - 12] = 3;
  expect(await fault(unzipped(fileOf(short), running())), 'one less than it says').toBe('damaged');
}, 60_000);

it('is refused where it is hostile, before anything comes out', async () => {
  for (const name of ['../x', 'a/../../x', '/etc/passwd', '..\\x', 'C:\\x'])
    expect(await fault(read([{ name: 'good.jpg' }, { name }])), name).toBe('outside');
  expect(await fault(read([{ name: 'x'.repeat(4_000) }]))).toBe('long');
  expect(await fault(read([{ name: 'a/'.repeat(40) + 'x' }]))).toBe('long');
  expect(await fault(read([{ name: 'a', mode: 0o120_777 }]))).toBe('link');
  expect(await fault(read([{ name: 'a', mode: 0o020_644 }]))).toBe('link');
  expect(await fault(read([{ name: 'a', content: 'x', encrypted: true }]))).toBe('encrypted');
  expect(await fault(read([{ name: 'a', size: 300 * 2 ** 20 }])), 'much more than its size').toBe('bomb');
  const small = { bytes: 1_000, files: 3, ratio: 200, freeBytes: 2_000 };
  const limited = (entries: readonly Entry[]) => fault(unzipped(fileOf(zipOf(entries)), running(), small));
  expect(
    await limited([
      { name: 'a', size: 600 },
      { name: 'b', size: 600 },
    ]),
  ).toBe('large');
  expect(await limited(['a', 'b', 'c', 'd'].map((name) => ({ name })))).toBe('many');
});

it('is refused where it lies or is damaged, when that file is wanted', async () => {
  const one = async (entries: readonly Entry[], change = (bytes: Uint8Array) => bytes) => {
    const { files } = await unzipped(fileOf(change(zipOf(entries))), running());
    return opened(files[0]!.file, running());
  };
  const content = Buffer.from(Array.from({ length: 5_000 }, (_, at) => (at * at * 31) % 251));
  expect(await fault(one([{ name: 'a', content, size: 10 }])), 'more than it says').toMatch(/lies|damaged/);
  expect(await fault(one([{ name: 'a', content, size: 50_000 }])), 'less than it says').toMatch(/lies|damaged/);
  const flip = (bytes: Uint8Array) => bytes.map((byte, at) => (at === 40 ? byte ^ 255 : byte));
  expect(await fault(one([{ name: 'a', content }], flip))).toBe('damaged');
  const whole = zipOf([{ name: 'a', content }]);
  for (const kept of [0, 30, whole.length / 2, whole.length - 1])
    expect(await fault(unzipped(fileOf(whole.subarray(0, kept)), running())), `${kept}`).toBe('damaged');
  expect(await fault(one([{ name: 'a', content }]))).toBe('none');
});

it('goes into the store file by file, as a folder does', async () => {
  i18n.choose('en');
  const stored = new Map<string, string>();
  vi.spyOn(session.api, 'store').mockImplementation(async (group) => {
    for (const { sha256, file } of group) stored.set(sha256, await file.text());
    return { stored: group.length };
  });
  const hash = (text: string) => createHash('sha256').update(text).digest('hex');
  const post = vi.spyOn(session.api, 'post').mockImplementation(async (path: string, body: unknown) => {
    if (path === '/v1/blobs/missing') return { missing: (body as { sha256: string[] }).sha256 } as never;
    return { dataset: { id: 'd' }, sequence: 1 } as never;
  });
  render(DatasetUpload, { taken: new Set<string>() });
  screen.getByText('Choose a zip');
  await upload.choose([
    fileOf(
      zipOf([
        { name: 'pets/1.jpg', content: 'meow' },
        { name: 'pets/2.jpg', content: 'woof' },
      ]),
    ),
  ]);
  expect([upload.stage, upload.name, upload.all]).toEqual(['named', 'pets', { files: 2, bytes: 8 }]);
  await upload.send();
  expect(upload.problem).toBe(null);
  const list = [...stored.values()].find((text) => text.startsWith('{'))!;
  expect(
    list
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual([
    { name: 'pets/1.jpg', sha256: hash('meow'), bytes: 4 },
    { name: 'pets/2.jpg', sha256: hash('woof'), bytes: 4 },
  ]);
  expect([stored.get(hash('meow')), stored.get(hash('woof'))]).toEqual(['meow', 'woof']);
  expect(post.mock.lastCall!.slice(0, 2)).toEqual(['/v1/datasets', { path: 'pets', files: hash(list) }]);
});

it('says in both languages what is wrong with it and what to do', async () => {
  const slip = fileOf(zipOf([{ name: '../x', content: 'x' }]));
  for (const [language, said, other] of [
    ['en', /^\.\.\/x would lie outside of its folder: pack/, /only a zip/],
    ['ko', /^\.\.\/x: 폴더 밖에 놓이게 됩니다/, /ZIP만/],
  ] as const) {
    i18n.choose(language);
    await upload.choose([slip]);
    expect(upload.problem?.message).toMatch(said);
    await upload.choose([new File(['x'], 'pets.tar.gz')]);
    expect(upload.problem?.message).toMatch(other);
    expect(upload.stage).toBe('idle');
  }
});

it('has what was fetched fetched again from where it was', async () => {
  const post = vi.spyOn(session.api, 'post').mockResolvedValue({ dataset: { id: 'd' }, sequence: 1 } as never);
  const sha256 = 'ab'.repeat(32);
  const asked = async (source: DatasetSource) => {
    await look('pets', source);
    return post.mock.lastCall![1];
  };
  const about = { path: 'pets' };
  const url = 'https://example.com/pets.zip';
  expect(await asked({ from: 'archive', url, sha256 })).toEqual({ ...about, url, sha256 });
  const bucket = await asked({ from: 'bucket', bucket: 'photos', prefix: 'line-3' });
  expect(bucket).toEqual({ ...about, url: 's3://photos/line-3', sha256: null });
  expect(await asked({ from: 'path' })).toEqual({ ...about, files: null });
});
