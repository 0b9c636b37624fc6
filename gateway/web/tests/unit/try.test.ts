// A model that is asked about an image: the answer that is shown is always of the model and the image that are shown.
import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import golden from '../golden/folds.json';
import { i18n } from '../../src/i18n/i18n.svelte';
import Try from '../../src/routes/Try.svelte';
import { jobs } from '../../src/state/jobs.svelte';
import { session } from '../../src/state/session.svelte';
import type { JobRow } from '../../src/wire/rows';

const template = golden[0]!.steps[5]!.job as unknown as JobRow;
const row = (number: number, changes: Partial<JobRow> = {}): JobRow => ({
  ...template,
  id: `job-${number}`,
  number,
  status: 'finished',
  deployed: true,
  ...changes,
});
const rows = [row(3), row(2), row(1, { status: 'failed', deployed: false })];
const answer = (name: string) => ({
  width: 8,
  height: 8,
  milliseconds: 1,
  predictions: [{ class: name, confidence: 0.9, bbox: null }],
});

/** Questions that are on their way, and how each is answered. */
let asked: { job: string; image: string; confidence: number; say: (answer: unknown) => void }[] = [];
const { api, socket } = session;

beforeEach(() => {
  i18n.choose('en');
  asked = [];
  const predict = (job: string, image: File, confidence: number) =>
    new Promise((say) => asked.push({ job, image: image.name, confidence, say }));
  const get = vi.fn(async () => ({ jobs: rows, next: null, job: rows[0], epochs: [] }));
  const subscribe = (_: string, told: { initial: (rows: unknown) => void }) => (told.initial({ jobs: rows }), () => {});
  Object.assign(session, { api: { get, predict }, socket: { subscribe } });
  jobs.follow();
});
afterEach(() => {
  cleanup();
  Object.assign(session, { api, socket });
});

const image = (name: string) => new File(['pixels'], name, { type: 'image/png' });
function choose(...names: string[]) {
  const field = document.querySelector<HTMLInputElement>('input[accept^="image"]')!;
  Object.defineProperty(field, 'files', { value: names.map(image), configurable: true });
  return fireEvent.change(field);
}

it('shows no answer of another model, or to another image', async () => {
  const page = render(Try, { props: { reference: '3' } });
  await choose('a.png');
  await vi.waitFor(() => expect(asked.map((one) => one.image)).toEqual(['a.png']));
  await choose('b.png');
  await vi.waitFor(() => expect(asked.map((one) => one.image)).toEqual(['a.png', 'b.png']));
  asked[0]!.say(answer('of a'));
  asked[1]!.say(answer('of b'));
  expect(await screen.findByText('of b')).toBeTruthy();
  expect(screen.queryByText('of a')).toBeNull();

  // Both images are shown to the other model, the one that is looked at first.
  await page.rerender({ reference: '2' });
  await vi.waitFor(() => expect(asked.slice(2).map((one) => one.job)).toEqual(['job-2', 'job-2']));
  expect(screen.queryByText('of b'), 'it is not of this model').toBeNull();
  await page.rerender({ reference: '3' });
  await vi.waitFor(() => expect(asked.slice(4).map((one) => one.image)).toEqual(['b.png', 'a.png']));
  asked[4]!.say(answer('of 3'));
  asked[2]!.say(answer('of 2'));
  expect(await screen.findByText('of 3')).toBeTruthy();
  expect(screen.queryByText('of 2')).toBeNull();
});

it('takes an image that is dropped beside its place, or pasted', async () => {
  render(Try, { props: { reference: '3' } });
  await screen.findByText('Drop images here');
  const drop = new Event('drop', { bubbles: true, cancelable: true });
  Object.assign(drop, { dataTransfer: { files: [image('dropped.png')] } });
  document.body.dispatchEvent(drop);
  expect(drop.defaultPrevented, 'the browser would leave the page').toBe(true);
  await vi.waitFor(() => expect(asked.map((one) => one.image)).toEqual(['dropped.png']));
  const paste = new Event('paste', { bubbles: true });
  Object.assign(paste, { clipboardData: { files: [image('pasted.png')] } });
  document.body.dispatchEvent(paste);
  await vi.waitFor(() => expect(asked.map((one) => one.image)).toEqual(['dropped.png', 'pasted.png']));
});

it('says of a job without a model that it has none', async () => {
  render(Try, { props: { reference: '1' } });
  expect(await screen.findByText('Job 1 has no model to try')).toBeTruthy();
});

it('asks about several images, shows what is surest of each, and each large', async () => {
  render(Try, { props: { reference: '3' } });
  await choose('a.png', 'b.png', 'c.png');
  await vi.waitFor(() => expect(asked.map((one) => one.image)).toEqual(['a.png', 'b.png', 'c.png']));
  asked.forEach((one) => one.say(answer(`in ${one.image}`)));
  await fireEvent.click(await screen.findByRole('button', { name: 'b.png: in b.png 90.0 %' }));
  expect(screen.getByRole('img', { name: 'The image b.png' })).toBeTruthy();
  await fireEvent.click(screen.getByRole('button', { name: 'Take b.png away' }));
  expect(screen.getByRole('img', { name: 'The image c.png' })).toBeTruthy();
});

it('asks a detector again, down to one per cent, when one looks for what it is less sure of', async () => {
  const seen = (confidence: number) => ({ class: 'tree', confidence, bbox: [1, 1, 4, 4] });
  const told = (...predictions: unknown[]) => ({ ...answer('tree'), predictions });
  render(Try, { props: { reference: '3' } });
  await choose('a.png');
  await vi.waitFor(() => expect(asked.map((one) => one.confidence)).toEqual([0.25]));
  asked[0]!.say(told(seen(0.9)));
  expect(await screen.findByText('1 of 1 objects')).toBeTruthy();
  await fireEvent.input(screen.getByRole('slider'), { target: { value: '5' } });
  await vi.waitFor(() => expect(asked.map((one) => one.confidence)).toEqual([0.25, 0.01]));
  asked[1]!.say(told(seen(0.9), seen(0.07), seen(0.02)));
  expect(await screen.findByText('2 of 3 objects')).toBeTruthy();
  await fireEvent.input(screen.getByRole('slider'), { target: { value: '50' } });
  expect(await screen.findByText('1 of 3 objects'), 'what was told is not asked for again').toBeTruthy();
  expect(asked).toHaveLength(2);
});
