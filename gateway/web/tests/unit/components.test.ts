// Components alone on a page: what they show, what they say when used, and that names are never HTML.
import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import golden from '../golden/folds.json';
import { i18n } from '../../src/i18n/i18n.svelte';
import type { PredictAnswer } from '../../src/wire/api';
import type { BoxProfile as BoxCounts, DatasetRow, JobRow, Proposal } from '../../src/wire/rows';
import { ApiError } from '../../src/lib/api';
import type { Options } from '../../src/lib/config';
import { classScores, labelledPage, meanPrecision, precisionCurves } from '../../src/lib/report';
import { session } from '../../src/state/session.svelte';
import { toasts } from '../../src/state/toasts.svelte';
import BoxProfile from '../../src/ui/BoxProfile.svelte';
import ClassTable from '../../src/ui/ClassTable.svelte';
import Histogram from '../../src/ui/Histogram.svelte';
import LabelledImages from '../../src/ui/LabelledImages.svelte';
import Predictions from '../../src/ui/Predictions.svelte';
import AugmentationPreview from '../../src/ui/AugmentationPreview.svelte';
import ProposalCard from '../../src/ui/ProposalCard.svelte';
import Preferences from '../../src/ui/Preferences.svelte';
import Progress from '../../src/ui/Progress.svelte';
import Status from '../../src/ui/Status.svelte';
import Waiting from '../../src/ui/Waiting.svelte';

const chat = golden.find((story) => story.name === 'a chat')!;
const proposal = chat.steps[1]!.message!.proposal as unknown as Proposal;
const row = golden[0]!.steps[5]!.job as unknown as JobRow;

beforeEach(() => i18n.choose('en'));
afterEach(cleanup);

type Given = {
  outcome: 'approved' | null;
  locked: boolean;
  proposal: Proposal;
  language: 'ko' | 'en';
  options: Options;
};
function card(props: Partial<Given> = {}) {
  const [change, decide] = [vi.fn(), vi.fn()];
  const given = {
    chat: 'a-chat',
    proposal: { ...proposal, missing: [] },
    language: 'en' as const,
    outcome: null,
    change,
    decide,
  };
  render(ProposalCard, { props: { ...given, ...props } });
  return { change, decide };
}

it('proposes of a memory of good images what it has, and nothing that does nothing there', async () => {
  const config = {
    ...proposal.config,
    task: 'anomaly' as const,
    model: 'patchcore-resnet18',
    options: { memory: 500 },
  };
  const options: Options = {
    memory: { about: 'places', type: 'integer', low: 50, high: 20_000, default: 2_000 },
    false_alarms: { about: 'part of the good images', type: 'number', low: 0, high: 0.5, default: 0.01 },
  };
  const { change } = card({ proposal: { ...proposal, config: config as never, missing: [] }, options });
  for (const idle of ['Epochs', 'Learning rate', 'Optimizer', 'Momentum', 'Augmentation']) {
    expect(screen.queryByLabelText(idle), idle).toBeNull();
  }
  expect(screen.getByLabelText('Image size')).toBeTruthy();
  const memory = screen.getByLabelText<HTMLInputElement>('Places remembered');
  expect(memory.value).toBe('500');
  const alarms = screen.getByLabelText<HTMLInputElement>('False alarms allowed');
  await fireEvent.input(alarms, { target: { value: '0.7' } });
  expect(screen.getByRole('alert').textContent).toBe('From 0 to 0.5');
  expect(screen.getByText<HTMLButtonElement>('Change 1 value').disabled).toBe(true);
  await fireEvent.input(alarms, { target: { value: '0.05' } });
  await fireEvent.click(screen.getByText('Change 1 value'));
  expect(change).toHaveBeenCalledWith({ options: { memory: 500, false_alarms: 0.05 } });
});

describe('augmentation', () => {
  const image = (path: string, epoch: number) => ({
    path,
    epoch,
    split: 'train',
    width: 64,
    height: 64,
    place: [8 + epoch * 328, 8, 320, 320],
    class: 'cat',
    objects: 0,
    boxes: [],
  });
  const sheet = {
    width: 1648,
    height: 1320,
    images: ['a', 'b'].flatMap((path) => [0, 1, 2].map((at) => image(path, at))),
  };
  const pages = ['light', 'standard'].flatMap((augmentation) =>
    [64, 224].map((side) => ({ role: `augmented_${augmentation}_${side}`, augmentation, side, sheet })),
  );
  const api = session.api;
  afterEach(() => (session.api = api));

  it('is seen before anything is trained: the page of what was chosen, a row for each image', async () => {
    const blob = vi.fn(async () => new Blob(['a page']));
    session.api = { get: vi.fn(async () => ({ pages })), blob } as unknown as typeof session.api;
    const dataset = { id: 'd', sequence: 4, artifacts: [], profile: null };
    render(AugmentationPreview, { props: { row: dataset, augmentation: 'light', side: 64 } });
    await screen.findAllByRole('img');
    expect(blob).toHaveBeenLastCalledWith('/v1/datasets/d/artifacts/augmented_light_64?wait_for=4');
    expect(screen.getAllByRole('listitem').map((row) => row.querySelectorAll('figure').length)).toEqual([3, 3]);
    expect(screen.getByRole('img', { name: 'a as epoch 2 would see it' })).toBeTruthy();
    await fireEvent.change(screen.getByLabelText('Augmentation'), { target: { value: 'standard' } });
    await fireEvent.change(screen.getByLabelText('Image size'), { target: { value: '224' } });
    await vi.waitFor(() =>
      expect(blob).toHaveBeenLastCalledWith('/v1/datasets/d/artifacts/augmented_standard_224?wait_for=4'),
    );
    await fireEvent.change(screen.getByLabelText('Augmentation'), { target: { value: 'none' } });
    expect(screen.queryAllByRole('img')).toEqual([]);
    expect(screen.getByText(/every epoch sees the images as they are/)).toBeTruthy();
  });

  it('of a proposal opens in front of it, and says when a look has drawn none', async () => {
    session.api = { get: vi.fn(async () => ({ datasets: [], next: null })) } as unknown as typeof session.api;
    card({ proposal: { ...proposal, config: { ...proposal.config, dataset: 'pets' } } });
    await fireEvent.click(screen.getByText('See what it does'));
    expect(await screen.findByText(/Look at it again/)).toBeTruthy();
  });
});

describe('a proposal', () => {
  it('says of each value where it came from', () => {
    card();
    const epochs = screen.getByLabelText<HTMLInputElement>('Epochs');
    expect(epochs.value).toBe('30');
    const from = document.getElementById(epochs.getAttribute('aria-describedby')!)!;
    expect(from.textContent).not.toBe('');
  });

  it('is changed by its fields, and approved as it is', async () => {
    const { change, decide } = card();
    await fireEvent.input(screen.getByLabelText('Epochs'), { target: { value: '12' } });
    expect(screen.queryByText('Approve and train'), 'what is not said yet cannot be approved').toBeNull();
    await fireEvent.click(screen.getByText('Change 1 value'));
    expect(change).toHaveBeenCalledWith({ epochs: 12 });
    await fireEvent.click(screen.getByText('Approve and train'));
    expect(decide).toHaveBeenCalledWith('approve');
  });

  it('speaks the language of the talk, whatever that of the page', async () => {
    const { change } = card({ language: 'ko' });
    await fireEvent.input(screen.getByLabelText('배치 크기'), { target: { value: '16' } });
    await fireEvent.click(screen.getByText('값 1개 바꾸기'));
    expect(change).toHaveBeenCalledWith({ batch_size: 16 });
  });

  it('cannot be approved while something is missing, or by a reader', () => {
    card({ proposal: { ...proposal, missing: ['dataset'] } });
    expect(screen.getByText<HTMLElement>('Approve and train').closest('button')!.disabled).toBe(true);
    cleanup();
    card({ locked: true });
    expect(screen.queryByText('Approve and train')).toBeNull();
    cleanup();
    card({ outcome: 'approved' });
    expect(screen.queryByRole('button', { name: 'Approve and train' })).toBeNull();
  });

  it('shows names from users as text', () => {
    const evil = '<img src=x onerror=alert(1)>';
    card({
      outcome: 'approved',
      proposal: { ...proposal, config: { ...proposal.config, classes: [evil], dataset: evil } },
    });
    expect(document.querySelector('img')).toBeNull();
    expect(screen.getAllByText(evil).length).toBeGreaterThan(0);
  });
});

it('draws a box for what has a place, and none for a class', () => {
  const answer: PredictAnswer = {
    width: 640,
    height: 480,
    milliseconds: 5,
    predictions: [
      { class: '<b>scratch</b>', confidence: 0.9, bbox: [10, 20, 110, 220] },
      { class: 'ok', confidence: 0.1, bbox: null },
    ],
  };
  render(Predictions, { props: { url: 'blob:x', alt: 'x', answer } });
  const boxes = document.querySelectorAll('rect:not(.halo)');
  expect(boxes).toHaveLength(1);
  expect([boxes[0]!.getAttribute('width'), boxes[0]!.getAttribute('height')]).toEqual(['100', '200']);
  expect(document.querySelector('b')).toBeNull();
});

it('gives each class one colour, and shows the one that is pointed at', () => {
  const [one, other] = [
    { class: 'tree', confidence: 0.9, bbox: [0, 0, 10, 10] as [number, number, number, number] },
    { class: 'car', confidence: 0.8, bbox: [5, 5, 20, 20] as [number, number, number, number] },
  ];
  const answer: PredictAnswer = { width: 40, height: 40, milliseconds: 1, predictions: [one, other, { ...one }] };
  render(Predictions, { props: { url: 'blob:x', alt: 'x', answer, tones: { tree: 0, car: 1 }, chosen: other } });
  const boxes = [...document.querySelectorAll('rect:not(.halo)')];
  expect(boxes.map((box) => box.getAttribute('stroke'))).toEqual(['var(--mark-0)', 'var(--mark-1)', 'var(--mark-0)']);
  expect(boxes.map((box) => box.classList.contains('dim'))).toEqual([true, false, true]);
});

it('lays the map of what is not as it should be over the whole image', () => {
  const anomaly = { score: 0.8, threshold: 0.6, heat: 'aGVhdA==' };
  const answer: PredictAnswer = { width: 40, height: 30, milliseconds: 1, predictions: [], anomaly };
  render(Predictions, { props: { url: 'blob:x', alt: 'x', answer } });
  const heat = document.querySelector('rect.heat')!;
  expect([heat.getAttribute('width'), heat.getAttribute('height')]).toEqual(['40', '30']);
  const image = document.querySelector('mask image')!;
  expect(image.getAttribute('href')).toBe('data:image/png;base64,aGVhdA==');
  // What is below the threshold is black in the mask, and so nothing is laid over it.
  const [slope, intercept] = ['slope', 'intercept'].map((name) =>
    Number(document.querySelector('[type=linear]')!.getAttribute(name)),
  );
  expect(0.6 * slope! + intercept!).toBeCloseTo(0);
  expect(slope! + intercept!).toBeCloseTo(1);
});

describe('what a detector leaves', () => {
  const scores = classScores({
    classes: [
      { name: '<i>tree</i>', ap: 0.11, ap50: 0.32, precision: 0.75, recall: 0.1, f1: 0.19, support: 461 },
      { name: 'car', ap: null, ap50: null, precision: null, recall: null, f1: null, support: 0 },
    ],
  });

  it('is a table of what there is, the worst class first, or as one asks', async () => {
    render(ClassTable, { props: { scores, objects: true } });
    const heads = screen.getAllByRole('columnheader').map((head) => head.textContent!.trim());
    expect(heads).toEqual(['Class', 'mAP 50–95 ↑', 'mAP 50', 'Precision', 'Recall', 'F1', 'Objects']);
    const names = () =>
      screen
        .getAllByRole('row')
        .slice(1)
        .map((one) => one.firstElementChild!.textContent);
    expect(names(), 'what nothing is known of comes last').toEqual(['<i>tree</i>', 'car']);
    await fireEvent.click(screen.getByRole('button', { name: 'Objects' }));
    expect(names()).toEqual(['<i>tree</i>', 'car']);
    await fireEvent.click(screen.getByRole('button', { name: /^Objects/ }));
    expect(names(), 'and the other way round').toEqual(['car', '<i>tree</i>']);
    await fireEvent.click(screen.getByRole('button', { name: 'Class' }));
    expect(names()).toEqual(['<i>tree</i>', 'car'].sort());
    expect(screen.getByText('32.00 %'), 'as the measurement itself is rounded').toBeTruthy();
    expect(document.querySelector('td i')).toBeNull();
  });

  it('has only the columns of its task', () => {
    const plain = classScores({ classes: [{ name: '7', precision: 1, recall: 0.5, support: 3 }] });
    render(ClassTable, { props: { scores: plain, objects: false } });
    const heads = screen.getAllByRole('columnheader').map((head) => head.textContent!.trim());
    expect(heads).toEqual(['Class', 'Precision', 'Recall ↑', 'Images']);
  });

  it('is a curve for each class that has objects, and their mean', () => {
    const file = {
      iou: 0.5,
      recall: [0, 0.5, 1],
      classes: [
        { name: 'tree', ap50: 0.5, precision: [1, 0.5, 0] },
        { name: 'car', ap50: 1, precision: [1, 1, null] },
        { name: 'none', ap50: null, precision: [] },
      ],
    };
    const curves = precisionCurves(file)!;
    expect(curves.classes.map((one) => one.name)).toEqual(['tree', 'car']);
    expect(meanPrecision(curves)).toEqual([1, 0.75, 0]);
    for (const broken of [null, {}, { recall: [], classes: [] }, { ...file, classes: [{ name: 'x' }] }]) {
      expect(precisionCurves(broken)).toBeNull();
    }
  });

  it('has counts of its boxes as bars', () => {
    const boxes = { objects: 200, crowds: 3, small: 50, medium: 150, large: 0, per_image: [0, 2, 9], background: 5 };
    render(BoxProfile, { props: { boxes: boxes as BoxCounts, images: 100 } });
    expect(screen.getByText('50 (25 %)')).toBeTruthy();
    expect(screen.getByText('5 (5.0 %)')).toBeTruthy();
    expect(screen.getByText('0 to 9, median 2')).toBeTruthy();
    expect(screen.getByText('Crowds, not judged')).toBeTruthy();
  });
});

describe('images of a dataset', () => {
  const EVIL = '<img src=x onerror=alert(1)>';
  const box = (name: string, bbox: number[], crowd = false) => ({ class: name, bbox, crowd });
  const labels = {
    width: 656,
    height: 336,
    images: [
      {
        path: 'a.png',
        split: 'train',
        width: 640,
        height: 320,
        place: [8, 88, 320, 160],
        objects: 203,
        boxes: [box('cat', [10, 20, 400, 300]), box('cat', [0, 0, 5, 5]), box('dog', [1, 1, 90, 90], true)],
      },
      { path: EVIL, split: 'validation', width: 8, height: 8, place: [336, 8, 320, 320], class: EVIL },
    ],
  };
  const classes = [{ name: 'cat' }, { name: 'dog' }];
  const shown = {
    id: 'd',
    sequence: 12,
    artifacts: [{ role: 'sample_images', key: 'k', sha256: 'a', bytes: 1 }],
    profile: { classes, split: true },
  } as unknown as DatasetRow;

  /** What the gateway answers for the labels; the page of images is always there. */
  function answering(get: () => Promise<unknown>) {
    const api = { get: vi.fn(get), blob: vi.fn(async () => new Blob(['a page'])) };
    session.api = api as unknown as typeof session.api;
    return api;
  }
  const api = session.api;
  afterEach(() => (session.api = api));

  it('are a grid of buttons with the boxes of their labels, and names are text', async () => {
    const api = answering(async () => labels);
    render(LabelledImages, { props: { row: shown } });
    expect(screen.getByRole('status'), 'something is being read').toBeTruthy();
    const pictures = await screen.findAllByRole('img');
    expect(api.get).toHaveBeenCalledWith('/v1/datasets/d/artifacts/sample_labels', { wait_for: 12 });
    expect(api.blob).toHaveBeenCalledWith('/v1/datasets/d/artifacts/sample_images?wait_for=12');
    expect(pictures.map((one) => one.getAttribute('aria-label'))).toEqual([
      'a.png: cat 2, dog 1, and 200 more',
      `${EVIL}: ${EVIL}`,
    ]);
    expect(document.querySelector('img'), 'no name is HTML').toBeNull();
    expect(pictures[0]!.getAttribute('viewBox')).toBe('0 0 640 320');
    expect(pictures[0]!.querySelector('svg')!.getAttribute('viewBox')).toBe('8 88 320 160');
    expect(pictures[0]!.querySelector('image')!.getAttribute('width')).toBe('656');
    const boxes = [...pictures[0]!.querySelectorAll('rect:not(.halo)')];
    expect(boxes.map((one) => one.getAttribute('stroke'))).toEqual(['var(--mark-0)', 'var(--mark-0)', 'var(--mark-1)']);
    expect(boxes.map((one) => one.hasAttribute('stroke-dasharray'))).toEqual([false, false, true]);
    const words = [...pictures[0]!.querySelectorAll('text')].map((one) => one.textContent);
    expect(words, 'what is too small for its name has none').toEqual(['cat', 'dog']);
    expect(screen.getByText('validation')).toBeTruthy();
  });

  it('are seen larger by a key or a click', async () => {
    answering(async () => labels);
    render(LabelledImages, { props: { row: shown } });
    const [first] = await screen.findAllByRole('button');
    await fireEvent.click(first!);
    const dialog = document.querySelector('dialog')!;
    expect(dialog.getAttribute('aria-label')).toBe('a.png');
    expect(dialog.textContent).toContain('640 × 320 px');
    await fireEvent.click(screen.getByRole('button', { name: 'Close' }));
    await vi.waitFor(() => expect(document.querySelector('dialog')).toBeNull());
  });

  it('say why they are not there, and can be asked for again', async () => {
    const gone = new ApiError(410, 'artifact_gone', 'it was collected', 'look at the dataset again');
    const answers = [() => Promise.reject(gone), async () => ({ images: 'none' }), async () => labels];
    answering(() => answers.shift()!());
    render(LabelledImages, { props: { row: shown } });
    expect((await screen.findByRole('alert')).textContent).toContain('look at the dataset again');
    await fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByText('The labels of the images cannot be read.')).toBeTruthy();
    await fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findAllByRole('img')).toHaveLength(2);
  });

  it('are read with care', () => {
    expect(labelledPage(labels)!.images).toHaveLength(2);
    const [image] = labels.images;
    for (const broken of [null, [], {}, { ...labels, width: 'x' }, { ...labels, images: [{ ...image, place: [1] }] }]) {
      expect(labelledPage(broken)).toBeNull();
    }
  });
});

it('counts sizes in bins that have a name each', () => {
  const bin = (train: number, validation = 0) => ({ train, validation, test: 0 });
  const histogram = { edges: [2, 3, 6, 1024, 1536], counts: [bin(1), bin(20, 5), bin(0), bin(1_200)] };
  render(Histogram, { props: { title: 'Images by width', histogram, unit: 'px' } });
  const rows = screen.getAllByRole('listitem').map((one) => one.textContent!.replace(/\s+/g, ' ').trim());
  expect(rows).toEqual(['2 px 1', '3–5 px 25', '6–1,023 px 0', '1,024–1,535 px 1,200']);
  cleanup();
  const sizes = { edges: [90, 100], counts: [bin(3)] };
  render(Histogram, { props: { title: 'Objects', histogram: sizes, unit: '%', whole: false } });
  expect(screen.getByText('90–100 %')).toBeTruthy();
});

describe('notifications', () => {
  const made: string[] = [];
  let permission: NotificationPermission = 'default';
  const asked = vi.fn(async () => (permission = 'granted'));
  class Fake {
    static get permission() {
      return permission;
    }
    static requestPermission = asked;
    onclick = null;
    constructor(title: string) {
      if (permission !== 'granted') throw new TypeError('Illegal constructor');
      made.push(title);
    }
  }

  beforeEach(() => {
    vi.stubGlobal('Notification', Fake);
    permission = 'default';
    made.length = 0;
    asked.mockClear();
    toasts.list = [];
  });
  afterEach(() => vi.unstubAllGlobals());

  it('are asked for by a click only, and come when nobody looks', async () => {
    const away = vi.spyOn(document, 'hasFocus').mockReturnValue(false);
    render(Preferences);
    toasts.ended({ ...row, status: 'finished' });
    expect([asked.mock.calls.length, made.length], 'nothing was wanted').toEqual([0, 0]);
    await fireEvent.click(screen.getByLabelText('Notify me when a job ends'));
    await vi.waitFor(() => expect(toasts.wanted).toBe(true));
    expect(asked).toHaveBeenCalledOnce();
    toasts.ended({ ...row, status: 'failed' });
    expect(made).toEqual(['Job 7 has failed']);
    away.mockReturnValue(true);
    toasts.ended({ ...row, status: 'finished' });
    expect(made, 'one who looks is told by the page').toHaveLength(1);
    expect(toasts.list.at(-1)!.text).toBe('Job 7 has finished');
    away.mockReturnValue(false);
    permission = 'denied';
    toasts.ended({ ...row, status: 'cancelled' });
    expect(made, 'permission that was taken back costs nothing').toHaveLength(1);
    away.mockRestore();
  });

  it('stay off when the browser says no', async () => {
    asked.mockImplementationOnce(async () => (permission = 'denied'));
    await toasts.want(true);
    expect([toasts.wanted, toasts.denied]).toEqual([false, true]);
  });
});

it('shows progress to those who cannot see it', () => {
  render(Progress, { props: { row } });
  const bar = screen.getByRole('progressbar');
  expect([bar.getAttribute('aria-valuenow'), bar.getAttribute('aria-label')]).toEqual(['7', '2 of 30 epochs']);
});

it('names every status in both languages', () => {
  for (const status of [
    'requested',
    'queued',
    'starting',
    'training',
    'cancelling',
    'finished',
    'failed',
    'cancelled',
  ] as const) {
    render(Status, { props: { status, job: 'j' } });
    expect(screen.getByText(i18n.m.status[status])).toBeTruthy();
    cleanup();
  }
});

it('never waits for ever without a word', async () => {
  vi.useFakeTimers();
  const retry = vi.fn();
  render(Waiting, { props: { retry } });
  expect(screen.getByRole('status')).toBeTruthy();
  await vi.advanceTimersByTimeAsync(9_000);
  await fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
  expect(retry).toHaveBeenCalledOnce();
  vi.useRealTimers();
});
