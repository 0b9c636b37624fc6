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
let asked: { job: string; image: string; say: (answer: unknown) => void }[] = [];
const { api, socket } = session;

beforeEach(() => {
  i18n.choose('en');
  asked = [];
  const predict = (job: string, image: File) => new Promise((say) => asked.push({ job, image: image.name, say }));
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
function choose(name: string) {
  const field = document.querySelector<HTMLInputElement>('input[type=file]')!;
  Object.defineProperty(field, 'files', { value: [image(name)], configurable: true });
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

  await page.rerender({ reference: '2' });
  await vi.waitFor(() => expect(asked.map((one) => one.job)).toEqual(['job-3', 'job-3', 'job-2']));
  expect(screen.queryByText('of b'), 'it is not of this model').toBeNull();
  await page.rerender({ reference: '3' });
  await vi.waitFor(() => expect(asked).toHaveLength(4));
  asked[3]!.say(answer('of 3'));
  asked[2]!.say(answer('of 2'));
  expect(await screen.findByText('of 3')).toBeTruthy();
  expect(screen.queryByText('of 2')).toBeNull();
});

it('takes an image that is dropped beside its place, or pasted', async () => {
  render(Try, { props: { reference: '3' } });
  await screen.findByText('Drop an image here');
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
