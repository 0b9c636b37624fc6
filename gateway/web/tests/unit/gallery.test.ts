// What a job has answered about single images: held against the truth, found again, and beside what others answered.
import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import golden from '../golden/folds.json';
import { i18n } from '../../src/i18n/i18n.svelte';
import { ApiError } from '../../src/lib/api';
import {
  alike,
  faults,
  isRight,
  isWanted,
  lowestTold,
  namesOf,
  ofSample,
  ofScene,
  overlap,
} from '../../src/lib/gallery';
import { scenes, type Box } from '../../src/lib/report';
import { router } from '../../src/state/router.svelte';
import { session } from '../../src/state/session.svelte';
import { Shots, trainedOn } from '../../src/state/shots.svelte';
import type { DatasetRow, JobRow } from '../../src/wire/rows';
import Gallery from '../../src/ui/Gallery.svelte';
import Outlines from '../../src/ui/Outlines.svelte';

const row = golden[0]!.steps[5]!.job as unknown as JobRow;
const box = (name: string, bbox: Box['bbox'], confidence: number | null = null) => ({ class: name, bbox, confidence });
const file = [
  {
    path: 'a.png',
    width: 100,
    height: 100,
    truths: [box('tree', [0, 0, 40, 40]), box('tree', [50, 50, 90, 90]), box('car', [0, 60, 30, 90])],
    predictions: [
      box('tree', [2, 2, 42, 42], 0.9),
      box('tree', [0, 0, 38, 38], 0.5),
      box('car', [52, 52, 92, 92], 0.6),
      box('car', [0, 60, 30, 90], 0.1),
    ],
  },
  { path: 'b.png', width: 50, height: 20, truths: [], predictions: [] },
];
const [first, second] = scenes(file) as [ReturnType<typeof scenes>[0], ReturnType<typeof scenes>[0]];
const said = (least: number) => ofScene(first, least).pairs.map(({ truth, answer }) => `${truth}>${answer}`);

beforeEach(() => i18n.choose('en'));
afterEach(cleanup);

const told = (path: string, split: 'validation' | 'test' = 'validation') => ({ path, split });

describe('answers held against the truth', () => {
  it('take each object once, the surest first, and what is left over is wrong or missed', () => {
    expect(overlap([0, 0, 10, 10], [0, 0, 10, 5])).toBe(0.5);
    expect(overlap([0, 0, 10, 10], [10, 0, 20, 10])).toBe(0);
    expect(said(0.25)).toEqual(['tree>tree', 'tree>car', 'background>tree', 'car>background']);
    expect(faults(ofScene(first, 0.25))).toBe(3);
    expect(said(0.05), 'the one that was not sure is there too').toEqual([
      'tree>tree',
      'tree>car',
      'background>tree',
      'car>car',
    ]);
    expect(said(0.95)).toEqual(['tree>background', 'tree>background', 'car>background']);
    expect(ofScene(second, 0.25).pairs).toEqual([]);
    expect(lowestTold([first, second])).toBe(10);
  });

  it('prefer an object of their own class where two cover each other', () => {
    const there = [box('dog', [0, 0, 10, 10]), box('cat', [0, 0, 10, 9])].map((one) => ({ ...one, crowd: false }));
    const scene = { ...second, truths: there, predictions: [{ ...box('cat', [0, 0, 10, 10], 0.9), crowd: false }] };
    expect(ofScene(scene, 0).pairs.find((pair) => isRight(pair))?.truth).toBe('cat');
  });

  it('are found by what was taken for what', () => {
    const shown = [ofScene(first, 0.25), ofScene(second, 0.25)];
    const found = (truth: string, answer: string, only: 'right' | 'wrong' | null = null) =>
      shown.filter((one) => isWanted(one, { truth, answer, only, split: null })).map(({ path }) => path);
    expect(found('', '')).toEqual(['a.png', 'b.png']);
    expect(found('tree', 'car')).toEqual(['a.png']);
    expect(found('car', 'tree')).toEqual([]);
    expect(found('car', 'background')).toEqual(['a.png']);
    expect(found('', '', 'right'), 'nothing there and nothing found is right').toEqual(['b.png']);
    expect(found('', '', 'wrong')).toEqual(['a.png']);
    expect(namesOf(shown, 'answer')).toEqual(['background', 'car', 'tree']);
  });

  it('of several jobs stand side by side, those first that they disagree about', () => {
    const given = (path: string, answer: string) =>
      ofSample({ path, split: 'validation', truth: '1', answer, confidence: 0.9 });
    const both = alike([
      [given('a', '1'), given('b', '7'), given('only', '1')],
      [given('b', '1'), given('a', '1')],
    ]);
    expect(both.map(({ path, shown }) => [path, ...shown.map((one) => one!.pairs[0]!.answer)])).toEqual([
      ['b', '7', '1'],
      ['a', '1', '1'],
    ]);
    expect(alike([[given('a', '1')], []])).toEqual([]);
  });
});

it('reads masks and key points, and leaves out what is none', () => {
  const seen = {
    ...box('tree', [0, 0, 4, 4], 0.5),
    polygons: [
      [
        [0, 0],
        [4, 0],
        [4, 4],
        ['x', 1],
      ],
      'no',
    ],
    keypoints: [
      [1, 1, 0.9],
      [2, 2, 0.2],
      [3, 3, 0],
      [1, 2],
    ],
  };
  const [scene] = scenes([{ path: 'a', width: 4, height: 4, truths: [], predictions: [seen] }]);
  const { polygons, keypoints } = scene!.predictions[0]!;
  expect(polygons![0]).toEqual([
    [0, 0],
    [4, 0],
    [4, 4],
  ]);
  expect(keypoints).toHaveLength(3);
  const { container } = render(Outlines, { props: { seen: [{ tone: 1, polygons, keypoints }], unit: 1 } });
  expect(container.querySelector('path')!.getAttribute('d')).toMatch(/^M0 0L4 0L4 4z/);
  expect([...container.querySelectorAll('circle')].map((one) => one.getAttribute('fill'))).toEqual([
    'var(--mark-1)',
    'none',
  ]);
});

describe('the version that a job was trained on', () => {
  const version = (number: number) => ({ number, kinds: [], manifest: { sha256: `m${number}` } });
  const dataset = { path: 'pets', versions: [version(1), version(2), version(3)], tags: { good: 1 } };
  const of = (name: string, hash: string | null = null) =>
    trainedOn(
      { config: { ...row.config, dataset: name }, dataset_hash: hash } as JobRow,
      dataset as unknown as DatasetRow,
    )?.number;

  it('is the one that it names, else the one of its content, else the newest', () => {
    expect([of('pets@2'), of('pets@good'), of('pets', 'm2'), of('pets')]).toEqual([2, 1, 2, 3]);
    expect(trainedOn(row, { ...dataset, versions: [] } as unknown as DatasetRow)).toBeNull();
  });
});

describe('pictures', () => {
  const { api } = session;
  afterEach(() => (session.api = api));

  it('come from the store by their exact names, and are cut out of the page where they are not there', async () => {
    URL.createObjectURL = vi.fn(() => 'blob:here');
    URL.revokeObjectURL = vi.fn();
    const stored = {
      id: 'd',
      path: 'pets',
      tags: {},
      versions: [{ number: 1, stored: true, manifest: { sha256: '' } }],
    };
    const images = [
      { name: 'x/a.png', sha256: '1', width: 9, height: 9 },
      { name: 'a.png', sha256: '2', width: 8, height: 6 },
    ];
    const picture = vi.fn(async (_: string) => new Blob(['bytes']));
    const get = vi.fn(async (path: string) => (path.endsWith('/images') ? { images } : { dataset: stored }));
    session.api = { get, picture } as unknown as typeof api;
    const job = { ...row, config: { ...row.config, dataset: 'pets@1' } };
    const shot = await new Shots(job, [told('a.png')]).get('a.png', new AbortController().signal);
    expect(shot).toMatchObject({ width: 8, height: 6, page: null });
    expect(picture.mock.calls[0]![0]).toBe('/v1/datasets/d/versions/1/images/2');

    session.api = {
      get: vi.fn(async () => {
        throw new ApiError(404, 'not_found', 'gone', '');
      }),
      blob: vi.fn(async () => new Blob(['page'])),
    } as unknown as typeof api;
    class Page {
      naturalWidth = 8 + 2 * 152;
      naturalHeight = 8 + 176;
      src = '';
      decode = async () => {};
    }
    vi.stubGlobal('Image', Page);
    const drawn = { ...job, artifacts: [{ role: 'sample_images' }] as JobRow['artifacts'] };
    const shots = new Shots({ ...drawn, config: { ...drawn.config, task: 'classify' } }, [
      told('a.png'),
      told('b.png'),
      told('t.png', 'test'),
    ]);
    expect(await shots.get('b.png', new AbortController().signal)).toMatchObject({
      width: 144,
      page: { left: 160, top: 8 },
    });
    expect(await shots.get('c.png', new AbortController().signal)).toBeNull();
    expect(await shots.get('t.png', new AbortController().signal), 'no test image is on the page').toBeNull();
    vi.unstubAllGlobals();
  });

  it('of an anomaly are those that its trainer has drawn, with where it is: six in a row, also where the image is kept', async () => {
    const { versions, ...dataset } = { versions: [{ number: 1, stored: true, manifest: {} }], path: 'good', tags: {} };
    const get = vi.fn(async () => ({ dataset: { ...dataset, id: 'd', versions } }));
    session.api = { get, blob: vi.fn(async () => new Blob(['page'])) } as unknown as typeof api;
    class Page {
      naturalWidth = 8 + 6 * 152;
      naturalHeight = 8 + 2 * 176;
      src = '';
      decode = async () => {};
    }
    vi.stubGlobal('Image', Page);
    const paths = Array.from({ length: 8 }, (_, at) => told(`${at}.png`));
    const anomalous = {
      ...row,
      artifacts: [{ role: 'sample_images' }] as JobRow['artifacts'],
      config: { ...row.config, task: 'anomaly' as const, dataset: 'good@1' },
    };
    const shots = new Shots(anomalous, paths);
    expect(await shots.get('7.png', new AbortController().signal)).toMatchObject({ page: { left: 160, top: 184 } });
    expect(get, 'no image is looked for in the store').toHaveBeenCalledTimes(1);
    vi.unstubAllGlobals();
  });
});

it('is a gallery that is found through by class, by right and wrong, and below what a predictor answers', async () => {
  const { api } = session;
  session.api = { get: vi.fn(async () => ({ dataset: { versions: [], tags: {} } })) } as unknown as typeof api;
  router.go('/jobs/7?tab=predictions');
  render(Gallery, { props: { row, samples: [], scenes: [first, second] } });
  const tiles = () => screen.queryAllByRole('listitem').length;
  expect(tiles()).toBe(2);
  expect(screen.getByText('1 right, 3 wrong')).toBeTruthy();
  await fireEvent.input(screen.getByRole('slider'), { target: { value: '10' } });
  expect(screen.getByText('2 right, 2 wrong')).toBeTruthy();
  expect(screen.getByRole('slider').getAttribute('min')).toBe('10');
  await fireEvent.click(screen.getByRole('button', { name: 'Right' }));
  expect([tiles(), router.query.get('only')]).toEqual([1, 'right']);
  await fireEvent.click(screen.getByRole('button', { name: 'All' }));
  await fireEvent.change(screen.getByLabelText('truth'), { target: { value: 'car' } });
  expect(tiles()).toBe(1);
  expect(screen.getByRole('status').textContent).toBe('1 of 2 images');
  session.api = api;
  router.go('/');
});
