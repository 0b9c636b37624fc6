// A folder on its way into the store: what of it goes, together with what, again when, and under which name.
import { createHash } from 'node:crypto';
import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { i18n } from '../../src/i18n/i18n.svelte';
import { Api } from '../../src/lib/api';
import { written } from '../../src/lib/dataset';
import { chosen, dropped, folderOf } from '../../src/lib/folder';
import { Sha256, sha256Of } from '../../src/lib/sha256';
import { amountOf, each, groups, isName, listText, missing, nameOf, persistently } from '../../src/lib/upload';
import { router } from '../../src/state/router.svelte';
import { session } from '../../src/state/session.svelte';
import { upload } from '../../src/state/upload.svelte';
import type { DatasetRow } from '../../src/wire/rows';
import DatasetUpload from '../../src/ui/DatasetUpload.svelte';
import DatasetDiff from '../../src/ui/DatasetDiff.svelte';
import DatasetVersions from '../../src/ui/DatasetVersions.svelte';

const MIB = 1024 * 1024;
const hashOf = (text: string | Uint8Array) => createHash('sha256').update(text).digest('hex');
const running = () => new AbortController().signal;
const answer = (status: number, body: object) => new Response(JSON.stringify(body), { status });
const refusal = (status: number) =>
  answer(status, { error: { code: 'x', message: `no ${status}`, next_step: 'wait' } });

function below(path: string, content = path): File {
  const file = new File([content], path.split('/').at(-1)!);
  return Object.defineProperty(file, 'webkitRelativePath', { value: path });
}

beforeEach(() => i18n.choose('en'));
afterEach(() => {
  upload.cancel();
  cleanup();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe('a name', () => {
  it('is letters and digits of any script, and no path', () => {
    for (const name of ['scratches', '3호기-긁힘', 'a.b_c-d', 'Ünï', 'x'.repeat(64)])
      expect(isName(name), name).toBe(true);
    for (const name of ['', 'a/b', 'a b', '-a', '.a', '_a', 'a@3', 'x'.repeat(65)])
      expect(isName(name), name).toBe(false);
  });

  it('comes from the folder', () => {
    const names = ['긁힘 (2차)', '긁힘'.normalize('NFD'), '.hidden', 'a//b', '((', 'x'.repeat(80)];
    expect(names.map(nameOf)).toEqual(['긁힘-2차', '긁힘', 'hidden', 'a-b', '', 'x'.repeat(64)]);
  });
});

describe('a folder', () => {
  it('gives its files below itself, composed and by name, without what nobody means', () => {
    const paths = ['set/ok/2.jpg', `set/${'양품'.normalize('NFD')}/1.jpg`, 'set/양품/1.jpg', 'set/ok/1.jpg'];
    const junk = ['set/.DS_Store', 'set/ok/._1.jpg', 'set/ok/Thumbs.db', 'set/desktop.ini', 'set/.git/config'];
    const { name, files, skipped } = chosen([...paths, ...junk].map((path) => below(path)));
    expect(name).toBe('set');
    expect(files.map((one) => one.name)).toEqual(['ok/1.jpg', 'ok/2.jpg', '양품/1.jpg']);
    expect(skipped).toEqual(['양품/1.jpg', '.DS_Store', 'ok/._1.jpg', 'ok/Thumbs.db', 'desktop.ini', '.git/config']);
  });

  it('that was dropped is walked until its readers have nothing more', async () => {
    const file = (name: string) => ({
      name,
      isDirectory: false,
      file: (take: (file: File) => void) => take(below(name)),
    });
    const folder = (name: string, all: object[]) => ({
      name,
      isDirectory: true,
      createReader: () => {
        const left = [...all];
        return { readEntries: (take: (some: object[]) => void) => take(left.splice(0, 2)) };
      },
    });
    const many = Array.from({ length: 5 }, (_, at) => file(`${at}.png`));
    const unread = { ...folder('.git', []), createReader: () => expect.unreachable('junk is not looked into') };
    const set = folder('set', [folder('ok', many), file('data.yaml'), unread]);
    const walk = async (...entries: object[]) => dropped(entries as FileSystemEntry[], running());
    const one = await walk(set);
    expect([one.name, one.files.length, one.skipped]).toEqual(['set', 6, ['.git']]);
    expect(one.files[5]!.name).toBe('ok/4.png');
    const two = await walk(set, file('x.png'));
    expect([two.name, two.files[0]!.name]).toEqual(['', 'set/data.yaml']);
  });
});

describe('a hash', () => {
  it('is the same whoever makes it, and in whichever pieces', async () => {
    for (const size of [0, 1, 55, 56, 63, 64, 65, 119, 120, 1_000, 3 * MIB + 7]) {
      const bytes = Uint8Array.from({ length: size }, (_, at) => (at * 31 + (at >> 8)) % 256);
      const hash = new Sha256();
      for (let at = 0; at < size; at += 37 + (at % 1_000))
        hash.add(bytes.subarray(at, Math.min(at + 37 + (at % 1_000), size)));
      expect(Buffer.from(hash.end()).toString('hex'), `${size} bytes`).toBe(hashOf(bytes));
      expect(await sha256Of(new Blob([bytes]))).toBe(hashOf(bytes));
    }
    vi.stubGlobal('crypto', {});
    expect(await sha256Of(new Blob(['고양이'])), 'on plain HTTP').toBe(hashOf('고양이'));
  });
});

it('lists a file a line, by name', () => {
  const file = (name: string) => ({ name, sha256: 'a'.repeat(64), bytes: 3 });
  const text = listText([file('b"/1.jpg'), file('a/고양이.jpg')]);
  const rest = `"sha256":"${'a'.repeat(64)}","bytes":3}\n`;
  expect(text).toBe(`{"name":"a/고양이.jpg",${rest}{"name":"b\\"/1.jpg",${rest}`);
});

it('sends neighbours together as far as they may', () => {
  const sizes = (files: number[]) => groups(files.map((bytes) => ({ bytes }))).map((group) => group.length);
  expect(sizes([])).toEqual([]);
  expect(sizes(Array(450).fill(1))).toEqual([200, 200, 50]);
  expect(sizes([8 * MIB, 1, 1, 72 * MIB, 5])).toEqual([1, 2, 1, 1]);
  expect(sizes([4 * MIB, 4 * MIB, 1])).toEqual([2, 1]);
});

it('works at a few at once, and ends with the first that fails', async () => {
  let [now, most] = [0, 0];
  const seen: number[] = [];
  const work = async (one: number) => {
    most = Math.max(most, (now += 1));
    await Promise.resolve();
    seen.push(one);
    now -= 1;
    if (one === 6) throw new Error('six');
  };
  await expect(each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], 4, work)).rejects.toThrow('six');
  expect(most).toBe(4);
  expect(seen).not.toContain(12);
});

describe('what fails', () => {
  const file = below('set/1.jpg');
  const send = (signal = running()) =>
    persistently(() => new Api('ty_1', () => {}).store([{ sha256: hashOf('x'), file }], signal), signal);

  it('in passing is sent again, after longer and longer', async () => {
    vi.useFakeTimers();
    const times: number[] = [];
    const outcomes = [() => refusal(503), () => refusal(429), () => Promise.reject(new TypeError('gone'))];
    const fetched = vi.fn(async (..._: Parameters<typeof fetch>) => {
      times.push(Date.now());
      return outcomes[times.length - 1]?.() ?? answer(200, { stored: 1 });
    });
    vi.stubGlobal('fetch', fetched);
    const sent = send();
    await vi.runAllTimersAsync();
    expect(await sent).toEqual({ stored: 1 });
    expect(times.slice(1).map((time, at) => time - times[at]!)).toEqual([500, 1_000, 2_000]);
    const [url, request] = fetched.mock.lastCall!;
    expect(url).toBe('/v1/blobs');
    const form = request!.body as FormData;
    expect([...form.keys()], 'a field is called by the hash').toEqual([hashOf('x')]);
    expect(await (form.get(hashOf('x')) as File).text()).toBe('set/1.jpg');
  });

  it('for ever is given up, in the words of the gateway', async () => {
    vi.useFakeTimers();
    const fetched = vi.fn(async () => refusal(503));
    vi.stubGlobal('fetch', fetched);
    const sent = expect(send()).rejects.toThrow('no 503');
    await vi.runAllTimersAsync();
    await sent;
    expect(fetched).toHaveBeenCalledTimes(6);
  });

  it('for a reason is not sent again', async () => {
    const fetched = vi.fn(async () => refusal(400));
    vi.stubGlobal('fetch', fetched);
    await expect(send()).rejects.toThrow('no 400');
    expect(fetched).toHaveBeenCalledTimes(1);
  });

  it('is not sent again once somebody has had enough', async () => {
    const stop = new AbortController();
    const fetched = vi.fn(async () => refusal(503));
    vi.stubGlobal('fetch', fetched);
    const sent = send(stop.signal);
    await vi.waitFor(() => expect(fetched).toHaveBeenCalled());
    stop.abort();
    await expect(sent).rejects.toThrow(/abort/i);
    expect(fetched).toHaveBeenCalledTimes(1);
  });
});

it('asks about each content once, and not about too many together', async () => {
  const post = vi.fn(async (_: string, { sha256 }: { sha256: string[] }) => ({ missing: sha256.slice(-1) }));
  const part = (at: number) => ({ name: `${at}`, sha256: `${at % 5_001}`, bytes: 1, file: below(`${at}`) });
  const parts = Array.from({ length: 6_000 }, (_, at) => part(at));
  const wanted = await missing({ post } as unknown as Api, parts, running());
  expect(post.mock.calls.map(([, { sha256 }]) => sha256.length)).toEqual([5_000, 1]);
  expect(wanted.map((one) => one.sha256)).toEqual(['4999', '5000']);
  expect(amountOf(wanted)).toEqual({ files: 2, bytes: 8 });
});

describe('the page', () => {
  const { api } = session;
  const store = vi.fn();
  const post = vi.fn();
  beforeEach(() => {
    store.mockReset().mockResolvedValue({ stored: 1 });
    post.mockReset().mockImplementation(async (path: string, body: { sha256: string[] }) => {
      return path === '/v1/datasets' ? { dataset: { id: 'd' }, sequence: 1 } : { missing: body.sha256 };
    });
    Object.assign(session, { api: { post, store } });
    router.go('/datasets');
  });
  afterEach(() => Object.assign(session, { api }));

  async function choose(...paths: string[]) {
    render(DatasetUpload, { props: { taken: new Set(['긁힘']) } });
    const field = document.querySelector<HTMLInputElement>('input[type=file]')!;
    expect(field.hasAttribute('webkitdirectory')).toBe(true);
    Object.defineProperty(field, 'files', { value: paths.map((path) => below(path)), configurable: true });
    await fireEvent.change(field);
    return screen.findByLabelText<HTMLInputElement>('Name of the dataset');
  }

  it('takes a folder, its name and its files, and goes to the dataset', async () => {
    const name = await choose('긁힘/ok/1.jpg', '긁힘/bad/2.jpg', '긁힘/.DS_Store');
    expect(name.value).toBe('긁힘');
    expect(document.activeElement).toBe(name);
    expect(screen.getByText(/Left out.*1 \(\.DS_Store\)/)).toBeTruthy();
    expect(screen.getByText(/becomes its next version/)).toBeTruthy();
    await fireEvent.input(name, { target: { value: '긁힘 2' } });
    expect(name.getAttribute('aria-invalid')).toBe('true');
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Upload' }).disabled).toBe(true);
    await fireEvent.input(name, { target: { value: ' 긁힘-2' } });
    await fireEvent.click(screen.getByRole('button', { name: 'Upload' }));
    await vi.waitFor(() => expect(router.path).toBe('/datasets/d'));
    const [files, list] = store.mock.calls.map(([group]) => group);
    expect(files.map((one: { name: string }) => one.name).sort()).toEqual(['bad/2.jpg', 'ok/1.jpg']);
    const text = await list[0].file.text();
    expect(text.split('\n').map((line: string) => line && JSON.parse(line).name)).toEqual([
      'bad/2.jpg',
      'ok/1.jpg',
      '',
    ]);
    expect(post).toHaveBeenLastCalledWith('/v1/datasets', { path: '긁힘-2', files: hashOf(text) }, expect.any(String));
  });

  it('shows how far it is, and can be stopped', async () => {
    store.mockReturnValue(new Promise(() => {}));
    await choose('set/1.jpg');
    await fireEvent.click(screen.getByRole('button', { name: 'Upload' }));
    const bar = await screen.findByRole('progressbar', { name: 'Uploading' });
    expect(bar.getAttribute('aria-valuenow')).toBe('0');
    expect(screen.getByText(/0 of 1 files · 0 B of 9 B/)).toBeTruthy();
    await fireEvent.click(screen.getByRole('button', { name: 'Cancel' }));
    expect(screen.getByText('Choose a folder')).toBeTruthy();
    expect(store.mock.lastCall![1].aborted).toBe(true);
    expect(post.mock.calls.map(([path]) => path)).toEqual(['/v1/blobs/missing']);
  });

  it('stays stopped when an answer comes late', async () => {
    let say = (_: unknown) => {};
    post.mockReturnValue(new Promise((take) => (say = take)));
    await choose('set/1.jpg');
    await fireEvent.click(screen.getByRole('button', { name: 'Upload' }));
    await vi.waitFor(() => expect(post).toHaveBeenCalled());
    upload.cancel();
    say({ missing: [hashOf('set/1.jpg')] });
    await new Promise((go) => setTimeout(go));
    expect([upload.stage, upload.problem, store.mock.calls]).toEqual(['idle', null, []]);
  });

  it('says why something cannot be uploaded', async () => {
    store.mockRejectedValue(new Error('the disk is full'));
    const name = await choose('set/1.jpg');
    await fireEvent.click(screen.getByRole('button', { name: 'Upload' }));
    expect((await screen.findByRole('alert')).textContent).toContain('the disk is full');
    expect(name.value, 'and it can be tried again').toBe('set');
    await upload.choose([below('set/.DS_Store')]);
    await vi.waitFor(() => expect(screen.getByRole('alert').textContent).toContain('no file in it'));
    const torn = Object.assign(below('set/1.jpg'), { arrayBuffer: () => Promise.reject(new Error('NotReadable')) });
    await upload.choose([torn]);
    await upload.send();
    await vi.waitFor(() => expect(screen.getByRole('alert').textContent).toContain('1.jpg cannot be read'));
  });
});

it('shows the versions of a dataset, the newest first, and trains on what never changes', () => {
  const manifest = (letter: string) => ({ role: 'manifest', key: 'k', sha256: letter.repeat(64), bytes: 1 });
  const versions: DatasetRow['versions'] = [
    { number: 1, kinds: ['classify'], manifest: manifest('a') },
    { number: 2, kinds: ['detect', 'segment'], manifest: manifest('b'), stored: true },
  ];
  const shown = { id: 'd', path: 'x', tags: { golden: 2 }, versions } as unknown as DatasetRow;
  render(DatasetVersions, { props: { row: shown } });
  const rows = screen.getAllByRole('row').slice(1);
  expect(rows[0]!.textContent).toMatch(/2.*golden.*detection, segmentation.*bbbbbbbbbbbb.*in the store/s);
  expect(rows[1]!.textContent).toMatch(/1.*classification.*folder only/s);
  expect(screen.getByRole('button', { name: 'Copy: Hash, Version 2' })).toBeTruthy();
  expect(screen.getByRole('button', { name: 'Compare version 1 with 2' })).toBeTruthy();
  const row = (from: 'path' | 'files', all = versions) =>
    ({ path: 'x', source: { from }, versions: all }) as DatasetRow;
  expect([row('files'), row('path'), row('files', [])].map(written)).toEqual(['x@2', 'x', 'x']);
});

it('tells what is other in a version, and names the first of it', () => {
  const counts = (train: number, validation: number) => ({ train, validation, test: 0 });
  const none = { count: 0, first: [] };
  const first = ['1', '2', '3', '4', '5', '6'].map((name) => ({ name }));
  const moved = { name: 'val/a', before: 'train/a', splits: ['train', 'validation'] as ['train', 'validation'] };
  const diff = {
    from: { number: 2, images: counts(9, 0), labels: 9 },
    to: { number: 3, images: counts(1234, 1), labels: 9 },
    added: { count: 1234, first },
    removed: none,
    moved: { count: 1, first: [moved] },
    relabelled: none,
    replaced: none,
    renamed: none,
    classes: [
      { name: 'cat', from: counts(9, 0), to: counts(10, 1) },
      { name: 'dog', from: counts(2, 0), to: counts(1, 1) },
    ],
  };
  render(DatasetDiff, { props: { diff } });
  const text = screen.getByRole('region', { name: 'From version 2 to 3' }).textContent;
  expect(text).toMatch(/added 1,234.*5.*and 1,229 more/s);
  expect(text).toMatch(/moved to another split 1.*train\/a → val\/a.*training → validation/s);
  expect(text).toMatch(/cat 9 → 11/);
  expect(text).not.toMatch(/renamed \d|of other content|dog/);
});

it('keeps one of two files that are called the same', () => {
  const found = ['é', 'e\u0301'].map((name) => ({ name, file: below(name) }));
  expect(folderOf('x', found)).toMatchObject({ files: [{ name: 'é' }], skipped: ['é'] });
});
