// What the gallery draws over an image: the key points of people and things, and where a good one would look otherwise.
import { cleanup, fireEvent, render, screen, within } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import golden from '../golden/folds.json';
import { i18n } from '../../src/i18n/i18n.svelte';
import { scenes } from '../../src/lib/report';
import { session } from '../../src/state/session.svelte';
import Gallery from '../../src/ui/Gallery.svelte';
import type { JobRow } from '../../src/wire/rows';

const row = golden[0]!.steps[5]!.job as unknown as JobRow;
const { api } = session;
const blob = vi.fn(async (_: string) => new Blob(['page']));

beforeEach(() => {
  i18n.choose('en');
  blob.mockClear();
  URL.createObjectURL = vi.fn(() => 'blob:page');
  URL.revokeObjectURL = vi.fn();
  const get = vi.fn(async () => ({ dataset: { id: 'd', path: 'pets', versions: [], tags: {} } }));
  session.api = { get, blob } as unknown as typeof api;
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  session.api = api;
});

it('draws key points that were found and those that are there: filled where they are sure, hollow where not', async () => {
  const [scene] = scenes([
    {
      path: 'a.png',
      width: 100,
      height: 100,
      // Hidden, and visible; one that nobody has labelled.
      truths: [
        {
          class: 'dog',
          bbox: [0, 0, 50, 50],
          keypoints: [
            [1, 1, 1],
            [2, 2, 2],
            [0, 0, 0],
          ],
        },
      ],
      // Surely, hardly, and not at all.
      predictions: [
        {
          class: 'dog',
          bbox: [0, 0, 50, 50],
          confidence: 0.9,
          keypoints: [
            [5, 5, 0.9],
            [6, 6, 0.2],
            [7, 7, 0.01],
          ],
        },
      ],
    },
  ]);
  render(Gallery, { props: { row: { ...row, classes: ['cat', 'dog'] }, samples: [], scenes: [scene!] } });
  const points = () =>
    [...document.querySelectorAll('li circle')].map((one) => [one.getAttribute('cx'), one.getAttribute('fill')]);
  await vi.waitFor(() => expect(points()).toHaveLength(4));
  // White is what is there; what was found has the colour of its class.
  expect(points()).toEqual([
    ['1', 'none'],
    ['2', 'var(--mark-9)'],
    ['5', 'var(--mark-1)'],
    ['6', 'none'],
  ]);
  await fireEvent.click(screen.getByRole('listitem').querySelector('button')!);
  const dialog = screen.getByRole('dialog', { hidden: true });
  await vi.waitFor(() => expect(dialog.querySelectorAll('circle')).toHaveLength(4));
  await fireEvent.click(within(dialog).getByRole('button', { name: 'truth', hidden: true }));
  expect(dialog.querySelectorAll('circle'), 'without what is there').toHaveLength(2);
});

it('shows of an anomaly the part of the page on which its trainer has drawn where it is, and says so', async () => {
  vi.stubGlobal(
    'Image',
    class {
      naturalWidth = 8 + 2 * 152;
      naturalHeight = 8 + 176;
      src = '';
      decode = async () => {};
    },
  );
  const anomalous: JobRow = {
    ...row,
    classes: ['good', 'anomalous'],
    artifacts: [{ role: 'sample_images' }] as JobRow['artifacts'],
    config: { ...row.config, task: 'anomaly' },
  };
  const samples = ['a.png', 'b.png'].map((path) => ({
    path,
    split: 'validation' as const,
    truth: 'anomalous',
    answer: 'anomalous',
    confidence: 0.9,
  }));
  render(Gallery, { props: { row: anomalous, samples, scenes: [] } });
  const cut = (at: ParentNode) => at.querySelector('svg svg')?.getAttribute('viewBox');
  const tiles = screen.getAllByRole('listitem');
  await vi.waitFor(() => expect(tiles.map(cut)).toEqual(['8 8 144 144', '160 8 144 144']));
  expect(blob, 'one page has all of them').toHaveBeenCalledTimes(1);
  await fireEvent.click(tiles[1]!.querySelector('button')!);
  const dialog = screen.getByRole('dialog', { hidden: true });
  await vi.waitFor(() => expect(cut(dialog)).toBe('160 8 144 144'));
  expect(within(dialog).getByText(i18n.m.job.heated)).toBeTruthy();
});
