// The images of a dataset's versions: each is looked at by what it has itself, whatever a later look has found; and what is there
// twice is shown side by side.
import { cleanup, fireEvent, render, screen, within } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import golden from '../golden/folds.json';
import { i18n } from '../../src/i18n/i18n.svelte';
import { ApiError } from '../../src/lib/api';
import { alike } from '../../src/lib/images';
import Dataset from '../../src/routes/Dataset.svelte';
import { session } from '../../src/state/session.svelte';
import type { ImageRow } from '../../src/wire/api';
import type { DatasetRow, DatasetVersion } from '../../src/wire/rows';

const good = golden
  .find((one) => one.name.startsWith('a dataset that is good'))!
  .steps.find((step) => step.dataset?.profile)!.dataset as unknown as DatasetRow;
const version = (number: number): DatasetVersion => ({
  number,
  kinds: ['detect'],
  manifest: { role: 'manifest', key: 'm', sha256: String(number), bytes: 1 },
  stored: true,
});
const counts = (train: number, validation: number, test = 0) => ({ train, validation, test });
const row: DatasetRow = {
  ...good,
  id: 'd',
  versions: [version(1), version(2)],
  profile: {
    ...good.profile!,
    images: counts(8, 2),
    classes: ['dog', 'bird'].map((name) => ({ name, images: counts(4, 1), objects: 5 })),
  },
};
const refused: DatasetRow = {
  ...row,
  status: 'rejected',
  profile: null,
  artifacts: [],
  problem: 'two files are broken',
};
const image = (name: string, changes: Partial<ImageRow> = {}): ImageRow => ({
  name,
  sha256: `sha-${name}`,
  bytes: 9,
  width: 80,
  height: 40,
  split: 'train',
  labels: [
    {
      class: 'cat',
      box: null,
      polygon: null,
      mask: false,
      runs: null,
      keypoints: null,
      crowd: false,
      difficult: false,
    },
  ],
  more_labels: 0,
  problems: [],
  ...changes,
});
const first = image('train/a.png');
const twice = image('test/b.png', {
  split: 'test',
  height: 80,
  problems: [
    {
      kind: 'leak',
      path: 'test/b.png',
      problem: 'is the same image as train/a.png',
      flaws: [{ code: 'same_image_as', path: 'train/a.png', en: 'is the same image as train/a.png' }],
    },
  ],
});

const { api, socket } = session;
let now = row;
const get = vi.fn(async (path: string, query: Record<string, unknown> = {}): Promise<unknown> => {
  if (path === '/v1/datasets') return { datasets: [now], next: null };
  if (path === '/v1/datasets/d') return { dataset: now };
  if (path === '/v1/jobs') return { jobs: [], next: null };
  if (path === '/v1/datasets/d/diff') {
    const none = { count: 0, first: [] };
    const side = { number: 1, images: counts(1, 0, 1), labels: 2 };
    const classes = ['cat', 'dog'].map((name) => ({ name, from: side.images, to: side.images }));
    return { from: side, to: side, added: none, removed: none, classes };
  }
  if (/images$/.test(path)) {
    const found = [first, twice].filter((one) => one.name.includes(String(query['search'] ?? '')));
    return { images: found, next: null, matching: found.length, problems: [], problems_from: 'look' };
  }
  return {};
});

beforeEach(() => {
  i18n.choose('en');
  now = row;
  get.mockClear();
  const subscribe = (_: string, told: { initial: (rows: unknown) => void }) => (told.initial({ events: [] }), () => {});
  const picture = vi.fn(async (path: string) => new Blob([path]));
  Object.assign(session, { api: { get, picture, blob: vi.fn(async () => new Blob()) }, socket: { subscribe } });
});
afterEach(() => {
  cleanup();
  Object.assign(session, { api, socket });
});

const viewer = async () => within((await screen.findAllByRole('region', { name: 'All images' }))[0]!);
const choices = (select: HTMLElement) =>
  [...(select as HTMLSelectElement).options].slice(1).map((one) => one.textContent);

it('lets one choose among the splits and classes of the version that is looked at', async () => {
  render(Dataset, { props: { id: 'd' } });
  const shown = await viewer();
  expect(choices(await shown.findByLabelText('Split'))).toEqual(['training', 'validation']);
  expect(choices(shown.getByLabelText('Class'))).toEqual(['dog', 'bird']);
  expect(
    get.mock.calls.map(([path]) => path),
    'the newest look has said so',
  ).not.toContain('/v1/datasets/d/diff');
  await fireEvent.change(shown.getByLabelText('Version'), { target: { value: '1' } });
  const older = await viewer();
  await vi.waitFor(() => expect(choices(older.getByLabelText('Class'))).toEqual(['cat', 'dog']));
  expect(choices(older.getByLabelText('Split'))).toEqual(['training', 'test']);
  expect(get).toHaveBeenCalledWith('/v1/datasets/d/diff', { from: 1, to: 1 });
  // Two images are one row, and not the ten images of the newest version.
  const grid = older.getByRole('region', { name: 'All images' });
  await vi.waitFor(() => expect(grid.style.height).toBe(grid.querySelector('li')!.style.height));
});

it('shows the good versions though the newest look was refused', async () => {
  now = refused;
  render(Dataset, { props: { id: 'd' } });
  expect(await screen.findByText('two files are broken')).toBeTruthy();
  const shown = await viewer();
  expect(await shown.findByRole('button', { name: /train\/a\.png/ })).toBeTruthy();
  await vi.waitFor(() => expect(choices(shown.getByLabelText('Class'))).toEqual(['cat', 'dog']));
  expect(choices(shown.getByLabelText('Version')), 'and each of them').toHaveLength(1);
});

it('says when it cannot be told what a version has, and asks again', async () => {
  now = refused;
  const answer = get.getMockImplementation()!;
  get.mockImplementation(async (path, query) => {
    if (path.endsWith('/diff')) throw new ApiError(410, 'artifact_gone', 'the manifest is gone', 'look again');
    return answer(path, query);
  });
  render(Dataset, { props: { id: 'd' } });
  expect(await screen.findByText('the manifest is gone')).toBeTruthy();
  get.mockImplementation(answer);
  const shown = await viewer();
  await fireEvent.click(shown.getByRole('button', { name: i18n.m.state.retry }));
  await vi.waitFor(() => expect(choices(shown.getByLabelText('Class'))).toEqual(['cat', 'dog']));
  expect(screen.queryByText('the manifest is gone')).toBeNull();
});

it('shows an image that is there twice beside the one that it is the same as', async () => {
  render(Dataset, { props: { id: 'd' } });
  await fireEvent.click(await (await viewer()).findByRole('button', { name: /test\/b\.png/ }));
  const dialog = within(screen.getByRole('dialog', { hidden: true }));
  await vi.waitFor(() => expect(dialog.getAllByRole('img', { hidden: true })).toHaveLength(2));
  const [left, right] = dialog.getAllByRole('img', { hidden: true }).map((one) => one.parentElement!.style);
  // As high as the first, and to the right of it.
  expect([left!.left, left!.width]).toEqual(['0px', '80px']);
  expect(right!.width).toBe('160px');
  expect(parseFloat(right!.left)).toBeGreaterThan(80);
  expect(dialog.getByText('Beside it: train/a.png · training · cat')).toBeTruthy();
  expect(dialog.getByText('leak: is the same image as train/a.png')).toBeTruthy();
  await fireEvent.keyDown(screen.getByRole('dialog', { hidden: true }), { key: 'ArrowLeft' });
  await vi.waitFor(() => expect(dialog.getAllByRole('img', { hidden: true })).toHaveLength(1));
});

it('knows both ways in which images are told to be alike', () => {
  const near = { kind: 'near_duplicate' as const, path: 'b', problem: '' };
  expect(alike({ problems: [...twice.problems, { ...near, flaws: [{ code: 'looks_like', path: 'c' }] }] })).toEqual([
    'train/a.png',
    'c',
  ]);
  expect(alike({ problems: [near, { ...near, kind: 'label', flaws: [{ code: 'box', path: 'd' }] }] })).toEqual([]);
});
