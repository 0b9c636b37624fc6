// An upload that its page has left behind: what is kept of it, who may go on with it, and what is not done again.
import { createHash } from 'node:crypto';
import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { i18n } from '../../src/i18n/i18n.svelte';
import type { Shelf } from '../../src/lib/shelf';
import { Keeper, unfinished, type Unfinished } from '../../src/lib/unfinished';
import { router } from '../../src/state/router.svelte';
import { session } from '../../src/state/session.svelte';
import { Upload, upload } from '../../src/state/upload.svelte';
import DatasetUpload from '../../src/ui/DatasetUpload.svelte';
import type { Whoami } from '../../src/wire/api';

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');
const MINE = { tenant: 'acme', token: { id: 't1', name: 'kim', session: false } } as unknown as Whoami;
const running = () => new AbortController().signal;

/** A shelf that lies in memory; `left` is what a page that is gone has left there. */
function memory(left: [unknown, unknown][] = []) {
  const map = new Map<unknown, unknown>(left);
  const shelf: Shelf = {
    put: async (key, value) => void map.set(key, structuredClone(value)),
    all: async () => new Map(map),
    clear: async () => map.clear(),
  };
  return { map, shelf };
}

/** Files of a folder `set`, which tell when they are read. */
function folder(names: string[], lastModified = 7, content = (name: string) => name) {
  const read: string[] = [];
  const files = names.map((name) => {
    const file = new File([content(name)], name, { lastModified });
    const whole = file.arrayBuffer.bind(file);
    return Object.assign(file, { arrayBuffer: () => (read.push(name), whole()) });
  });
  files.forEach((file) => Object.defineProperty(file, 'webkitRelativePath', { value: `set/${file.name}` }));
  return { files, read };
}

/** A handle of such a folder, as a browser gives it. */
function handle(files: File[], permission: PermissionState, asked: PermissionState = permission) {
  const entries = files.map((file) => ({ kind: 'file', name: file.name, getFile: async () => file }));
  return {
    kind: 'directory',
    name: 'set',
    values: async function* () {
      yield* entries;
    },
    queryPermission: vi.fn(async () => permission),
    requestPermission: vi.fn(async () => asked),
  };
}

const record: Unfinished = {
  owner: 'acme t1',
  name: 'scratches',
  folder: 'set',
  handle: null,
  stage: 'sending',
  done: { files: 412, bytes: 4_120 },
  all: { files: 1_000, bytes: 10_000 },
};
const kept = (more: object = {}): [unknown, unknown] => ['upload', { ...record, ...more }];
const lines: [unknown, unknown] = [
  0,
  [
    ['1.jpg', 5, 7, hashOf('1.jpg')],
    ['2.jpg', 5, 7, hashOf('2.jpg')],
  ],
];

const { api, identity } = session;
const store = vi.fn();
const post = vi.fn();
/** In whichever order they were hashed, but for the last. */
const stored = () => {
  const names = store.mock.calls.flatMap(([group]) => group.map(({ name }: { name?: string }) => name ?? 'list'));
  return [...names.slice(0, -1).sort(), ...names.slice(-1)];
};

beforeEach(() => {
  i18n.choose('en');
  store.mockReset().mockResolvedValue({ stored: 1 });
  // The store has the first already.
  post.mockReset().mockImplementation(async (path: string, body: { sha256: string[] }) => {
    if (path === '/v1/datasets') return { dataset: { id: 'd' }, sequence: 1 };
    return { missing: body.sha256.filter((one) => one !== hashOf('1.jpg')) };
  });
  Object.assign(session, { api: { post, store }, identity: MINE });
  router.go('/datasets');
});
afterEach(() => {
  Object.assign(session, { api, identity });
  [upload.halted, upload.problem] = [null, null];
  cleanup();
  vi.restoreAllMocks();
});

describe('what is kept', () => {
  it('is read again as it was, also when the page goes between two steps', async () => {
    const { shelf } = memory();
    const keeper = new Keeper(shelf, record);
    await keeper.begin();
    keeper.hashed('1.jpg', { size: 5, lastModified: 7, sha256: hashOf('1.jpg') });
    await keeper.reached('sending', record.done, record.all, true);
    keeper.hashed('2.jpg', { size: 5, lastModified: 7, sha256: hashOf('2.jpg') });
    await keeper.reached('sending', { files: 500, bytes: 5_000 }, record.all);
    const left = (await unfinished(shelf, 'acme t1'))!;
    expect({ ...left, known: [...left.known.keys()] }).toEqual({ ...record, known: ['1.jpg'], batches: 1 });
    await keeper.erase();
    await keeper.reached('sending', record.done, record.all, true);
    expect(await unfinished(shelf, 'acme t1'), 'what ends late comes too late').toBeNull();
  });

  it.each([
    ['of somebody else', { owner: 'acme t2' }],
    ['of nobody', { owner: '' }],
    ['with a name that no dataset can have', { name: '../x' }],
    ['with no numbers', { done: { files: 'many', bytes: 1 } }],
    ['further than it can be', { done: { files: 2_000, bytes: 1 } }],
    ['at a step that is none', { stage: 'flying' }],
    ['with a handle that is none', { handle: 'C:\\data' }],
  ])('%s is thrown away', async (_, broken) => {
    const { map, shelf } = memory([kept(broken), lines]);
    expect(await unfinished(shelf, 'acme t1')).toBeNull();
    expect(map.size).toBe(0);
  });

  it('of single files counts where it is whole', async () => {
    const broken = [...(lines[1] as unknown[]), ['3.jpg', 5, 7, 'beef'], ['4.jpg', '5', 7, hashOf('4')], null];
    const { shelf } = memory([kept(), [0, broken], [1, 'nonsense']]);
    expect([...(await unfinished(shelf, 'acme t1'))!.known.keys()]).toEqual(['1.jpg', '2.jpg']);
  });
});

describe('an upload', () => {
  it('leaves behind what it has read, and ends without a trace', async () => {
    const { map, shelf } = memory();
    let go = (_: unknown) => {};
    store.mockReturnValueOnce(new Promise((resolve) => (go = resolve)));
    const one = new Upload(shelf);
    await one.choose(folder(['1.jpg', '2.jpg']).files);
    const sent = one.send();
    await vi.waitFor(() => expect(store).toHaveBeenCalled());
    const left = (await unfinished(shelf, 'acme t1'))!;
    expect(left).toMatchObject({ name: 'set', folder: 'set', stage: 'sending', all: { files: 2, bytes: 10 } });
    expect([left.done.files, left.known.size], 'the store had one of two').toEqual([1, 2]);
    go({ stored: 1 });
    await sent;
    expect([router.path, map.size]).toEqual(['/datasets/d', 0]);
  });

  it('that is cancelled is forgotten', async () => {
    const { map, shelf } = memory();
    store.mockReturnValue(new Promise(() => {}));
    const one = new Upload(shelf);
    await one.choose(folder(['2.jpg']).files);
    void one.send();
    await vi.waitFor(() => expect(map.size).toBeGreaterThan(0));
    one.cancel();
    await vi.waitFor(() => expect(map.size).toBe(0));
  });

  it('ends as well where the browser keeps nothing', async () => {
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    const refuse = () => Promise.reject(new DOMException('not in private windows', 'InvalidStateError'));
    const one = new Upload({ put: refuse, all: refuse, clear: refuse });
    await one.restore(running());
    expect(one.halted).toBeNull();
    await one.choose(folder(['2.jpg']).files);
    await one.send();
    expect(router.path).toBe('/datasets/d');
  });

  it('lets its page go unasked only where the next one goes on by itself', async () => {
    store.mockReturnValue(new Promise(() => {}));
    const asks = () => !dispatchEvent(new Event('beforeunload', { cancelable: true }));
    const { files } = folder(['2.jpg']);
    for (const [permission, asked] of [
      ['granted', false],
      ['prompt', true],
    ] as const) {
      // Handles of browsers can be cloned, and these cannot.
      const shelf: Shelf = { ...memory().shelf, put: async () => {} };
      const one = new Upload(shelf);
      vi.stubGlobal('showDirectoryPicker', async () => handle(files, permission));
      await one.pick('folder');
      const before = store.mock.calls.length;
      void one.send();
      await vi.waitFor(() => expect(store.mock.calls.length).toBeGreaterThan(before));
      expect(asks(), permission).toBe(asked);
      one.cancel();
      await vi.waitFor(() => expect(asks(), 'nothing is on its way').toBe(false));
    }
    vi.unstubAllGlobals();
  });
});

describe('one that was left behind', () => {
  it('goes on when its folder is chosen again, and reads only what has changed', async () => {
    const { map, shelf } = memory([kept(), lines]);
    const one = new Upload(shelf);
    await one.restore(running());
    expect([one.stage, one.halted?.name]).toEqual(['idle', 'scratches']);
    const before = folder(['1.jpg', '2.jpg']);
    const after = folder(['3.jpg'], 8);
    const changed = folder(['2.jpg'], 8, () => 'other');
    await one.choose([before.files[0]!, changed.files[0]!, after.files[0]!]);
    expect([before.read, changed.read, after.read]).toEqual([[], ['2.jpg'], ['3.jpg']]);
    expect(stored()).toEqual(['2.jpg', '3.jpg', 'list']);
    expect(post).toHaveBeenLastCalledWith(
      '/v1/datasets',
      expect.objectContaining({ path: 'scratches' }),
      expect.any(String),
    );
    expect([router.path, map.size]).toEqual(['/datasets/d', 0]);
  });

  it('does not go on with a folder of another name', async () => {
    const one = new Upload(memory([kept({ folder: 'other' }), lines]).shelf);
    await one.restore(running());
    await one.choose(folder(['1.jpg']).files);
    expect([one.stage, one.name, store.mock.calls.length]).toEqual(['named', 'set', 0]);
  });

  it('goes on by itself where its folder may be read', async () => {
    const { files, read } = folder(['1.jpg', '2.jpg', '3.jpg']);
    const { map, shelf } = memory([kept({ handle: handle(files, 'granted') }), lines]);
    // What a browser clones, memory does not.
    const one = new Upload({ ...shelf, put: async () => {} });
    await one.restore(running());
    expect(read, 'the others are known').toEqual(['3.jpg']);
    expect(stored()).toEqual(['2.jpg', '3.jpg', 'list']);
    expect([router.path, map.size]).toEqual(['/datasets/d', 0]);
  });

  it('asks before it goes on, and has its folder chosen where it may not', async () => {
    const { files } = folder(['2.jpg']);
    const left = handle(files, 'prompt', 'denied');
    const one = new Upload({ ...memory([kept({ handle: left }), lines]).shelf, put: async () => {} });
    await one.restore(running());
    expect([one.stage, left.requestPermission.mock.calls.length]).toEqual(['idle', 0]);
    await one.goOn();
    expect([one.halted?.handle, one.problem?.message]).toEqual([null, expect.stringContaining('may not read')]);
    one.halted = { ...one.halted!, handle: handle(files, 'prompt', 'granted') as never };
    await one.goOn();
    expect(router.path).toBe('/datasets/d');
  });

  it('is told where its folder has gone', async () => {
    const left = handle([], 'granted');
    left.values = () => {
      throw new DOMException('gone', 'NotFoundError');
    };
    const one = new Upload(memory([kept({ handle: left }), lines]).shelf);
    await one.restore(running());
    expect([one.stage, one.halted?.handle]).toEqual(['idle', null]);
    expect(one.problem?.message).toContain('"set" is not where it was');
  });

  it('is shown with how far it came, and can be discarded', async () => {
    i18n.choose('ko');
    const { map, shelf } = memory([kept()]);
    Object.assign(upload['shelf'], shelf);
    render(DatasetUpload, { props: { taken: new Set<string>() } });
    await screen.findByText('"scratches" 업로드가 412/1,000개에서 멈췄습니다');
    expect(screen.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('41');
    expect(screen.getByLabelText('폴더 다시 고르기').getAttribute('type')).toBe('file');
    expect(screen.queryByRole('button', { name: '이어서 올리기' }), 'there is no handle').toBeNull();
    await fireEvent.click(screen.getByRole('button', { name: '버리기' }));
    expect(await screen.findByLabelText('폴더 고르기')).toBeTruthy();
    expect(map.size).toBe(0);
  });
});
