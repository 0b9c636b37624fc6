// Where the images of a dataset stand, what is said of them, and how they come: page by page, a few at a time.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '../../src/lib/api';
import { counted, gridOf, inSight, maskPath, points, stayedAt, ZOOM_MAX, zoomed } from '../../src/lib/images';
import { Images } from '../../src/state/images.svelte';
import { Pictures } from '../../src/state/pictures.svelte';
import { session } from '../../src/state/session.svelte';
import type { ImageLabel, ImageList } from '../../src/wire/api';

const label = (name: string, changes: Partial<ImageLabel> = {}): ImageLabel => ({
  class: name,
  box: [0, 0, 1, 1],
  polygon: null,
  mask: false,
  runs: null,
  keypoints: null,
  crowd: false,
  difficult: false,
  ...changes,
});

describe('the grid', () => {
  it('draws what is in sight with a row on either side, and never more than there is', () => {
    const grid = gridOf(1_100);
    expect(grid.columns).toBe(7);
    expect(grid.columns * grid.width + (grid.columns - 1) * 10).toBeCloseTo(1_100);
    expect(gridOf(0).columns).toBe(2);
    expect(inSight(grid, 0, 600, 10_000)).toEqual([0, 28]);
    const [first, last] = inSight(grid, 100 * grid.step, 600, 10_000);
    expect([first, last]).toEqual([99 * 7, 104 * 7]);
    expect(inSight(grid, 100 * grid.step, 600, 5)).toEqual([5, 5]);
    expect(inSight(grid, 0, 600, 0)).toEqual([0, 0]);
  });

  it('says what is in an image, the most frequent first', () => {
    expect(counted([label('cat', { box: null })])).toBe('cat');
    expect(counted([label('cat'), label('dog'), label('dog')])).toBe('dog 2, cat 1');
    expect(counted([])).toBe('');
    expect(points([1, 2, 3, 4, 5])).toBe('1,2 3,4');
  });

  it('grows within bounds, and around the pointer', () => {
    expect(zoomed(1, -1)).toBe(1);
    expect(zoomed(1, 1)).toBe(1.5);
    expect(zoomed(ZOOM_MAX, 3)).toBe(ZOOM_MAX);
    expect(stayedAt(0, 100, 2)).toBe(100);
  });
});

const page = (names: string[], next: string | null): ImageList => ({
  images: names.map((name) => ({ name }) as ImageList['images'][number]),
  next,
  matching: 9,
  problems: [],
  problems_from: 'look',
});
const wanted = { split: '', class: '', problem: '', search: '' } as const;

afterEach(() => vi.restoreAllMocks());

describe('the list', () => {
  it('grows page by page, each asked for once', async () => {
    const get = vi.spyOn(session.api, 'get');
    get.mockResolvedValueOnce(page(['a', 'b'], 'b')).mockResolvedValueOnce(page(['c'], null));
    const images = new Images('/images', 7);
    await images.open({ ...wanted, search: 'x' });
    await Promise.all([images.more(), images.more()]);
    await images.more();
    expect(images.rows.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    expect(get.mock.calls.map(([, query]) => [query!['after'], query!['search']])).toEqual([
      [null, 'x'],
      ['b', 'x'],
    ]);
  });

  it('shows the answer to the newest question, whichever comes first', async () => {
    const answers: ((list: ImageList) => void)[] = [];
    vi.spyOn(session.api, 'get').mockImplementation(() => new Promise((done) => answers.push(done as never)));
    const images = new Images('/images', 7);
    const asked = [images.open({ ...wanted, search: 'o' }), images.open({ ...wanted, search: 'old' })];
    answers[1]!(page(['old'], null));
    answers[0]!(page(['other'], 'other'));
    await Promise.all(asked);
    expect(images.rows.map(({ name }) => name)).toEqual(['old']);
    expect(images.next).toBeNull();
  });

  it('says what is wrong, and what was there stays', async () => {
    const get = vi.spyOn(session.api, 'get');
    get.mockResolvedValueOnce(page(['a'], 'a')).mockRejectedValueOnce(new ApiError(503, 'unavailable', 'away', 'wait'));
    const images = new Images('/images', 7);
    await images.open(wanted);
    await images.more();
    expect(images.trouble).toEqual({ message: 'away', nextStep: 'wait' });
    expect([images.state, images.rows.length]).toEqual(['ready', 1]);
    get.mockRejectedValueOnce(new ApiError(503, 'unavailable', 'away', 'wait'));
    await images.open({ ...wanted, search: 'b' });
    await images.more();
    get.mockResolvedValueOnce(page(['b'], null));
    await images.retry();
    expect(images.rows.map(({ name }) => name)).toEqual(['b']);
    expect(get.mock.lastCall![1]).toMatchObject({ after: null, search: 'b' });
  });
});

describe('a mask', () => {
  /** Pixels that rectangles of such a path cover, row by row. */
  function covered(path: string, width: number, height: number): string {
    const rows = Array.from({ length: height }, () => Array<number>(width).fill(0));
    for (const [, x, y, wide, high] of path.matchAll(/M(\d+) (\d+)h(\d+)v(\d+)h-\d+z/g)) {
      for (let row = Number(y); row < Number(y) + Number(high); row += 1)
        for (let column = Number(x); column < Number(x) + Number(wide); column += 1) rows[row]![column]! += 1;
    }
    return rows.map((row) => row.join('')).join(' ');
  }

  it('is drawn pixel for pixel, each once, by its runs down the columns', () => {
    expect(covered(maskPath([2, 3, 1], 2), 3, 2)).toBe('011 010');
    expect(covered(maskPath([0, 6], 2), 3, 2)).toBe('111 111');
    expect(covered(maskPath([1, 8, 3], 3), 4, 3)).toBe('0110 1110 1110');
    expect(covered(maskPath([4, 2, 1, 2], 3), 3, 3)).toBe('000 011 011');
    expect(maskPath([9], 3) + maskPath([0, 0, 9], 3)).toBe('');
  });
});

describe('pictures', () => {
  it('come a few at a time, once, and not at all when nobody wants them any more', async () => {
    let [coming, most, made] = [0, 0, 0];
    const open: (() => void)[] = [];
    vi.spyOn(URL, 'createObjectURL').mockImplementation(() => `blob:${(made += 1)}`);
    const revoked = vi.spyOn(URL, 'revokeObjectURL').mockImplementation(() => undefined);
    const picture = vi.spyOn(session.api, 'picture').mockImplementation(async () => {
      most = Math.max(most, (coming += 1));
      await new Promise<void>((done) => open.push(done));
      coming -= 1;
      return new Blob(['x']);
    });
    const pictures = new Pictures('/images');
    const cancel = new AbortController();
    const unwanted = new AbortController();
    const wanted = Array.from({ length: 10 }, (_, at) => pictures.get(`${at}`, cancel.signal));
    const gone = pictures.get('gone', unwanted.signal);
    unwanted.abort();
    const ended = expect(gone).rejects.toThrow();
    while (made < 10) {
      open.splice(0).forEach((done) => done());
      await new Promise((resume) => setTimeout(resume));
    }
    expect(new Set(await Promise.all(wanted)).size).toBe(10);
    await ended;
    expect(most).toBe(6);
    expect(picture).toHaveBeenCalledTimes(10);
    await pictures.get('3', cancel.signal);
    expect(picture).toHaveBeenCalledTimes(10);
    pictures.close();
    expect(revoked).toHaveBeenCalledTimes(10);
  });
});
