// A version of a named model on its card, and a matrix too large for numbers: what a press on either gives.
import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { i18n } from '../../src/i18n/i18n.svelte';
import { session } from '../../src/state/session.svelte';
import ConfusionMatrix from '../../src/ui/ConfusionMatrix.svelte';
import ModelVersionCard from '../../src/ui/ModelVersionCard.svelte';
import type { VersionUse } from '../../src/wire/api';
import type { ModelVersion } from '../../src/wire/rows';

const { api } = session;
beforeEach(() => i18n.choose('en'));
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
  Object.assign(session, { api });
});

const artifact = { role: 'onnx', key: 'k', sha256: 'a'.repeat(64), bytes: 44_040_192 };
const card = {
  job: 'j7',
  export: artifact,
  task: 'classify',
  model: 'resnet18',
  classes: ['ok'],
  config_hash: 'c',
  measurements: { accuracy: 0.9 },
};
const version = { number: 2, archived: false, registered_at: '', card } as unknown as ModelVersion;

it('is exported as the file of its hash, under its own name', async () => {
  const blob = vi.fn(async () => new Blob(['onnx']));
  Object.assign(session, { api: { blob } });
  const saved = vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(() => {});
  const attempt = async (what: () => Promise<unknown>) => void (await what());
  render(ModelVersionCard, { props: { name: 'line3', version, uses: undefined, attempt } });
  await fireEvent.click(screen.getByRole('button', { name: 'Export (42.0 MiB)' }));
  await vi.waitFor(() => expect(saved).toHaveBeenCalled());
  expect(blob).toHaveBeenCalledWith(`/v1/jobs/j7/artifacts/onnx?sha256=${artifact.sha256}`);
  expect((saved.mock.contexts[0] as HTMLAnchorElement).download).toBe('line3-2.onnx');
});

it.each([
  [false, 'Deploy', 'post'],
  [true, 'Withdraw', 'delete'],
] as const)('where it answers is %s, its button is %s', async (deployed, name, method) => {
  const asked = vi.fn(async () => ({}));
  Object.assign(session, { api: { [method]: asked } });
  vi.spyOn(session, 'mayChange', 'get').mockReturnValue(true);
  const attempt = async (what: () => Promise<unknown>) => void (await what());
  const url = 'https://train.example/v1/models/line3@2/predict';
  const uses = { version: 2, url, aliases: [], deployed, job: 7, started: [] } as unknown as VersionUse;
  render(ModelVersionCard, { props: { name: 'line3', version, uses, attempt } });
  expect(screen.queryAllByText(url), 'nobody answers at the address of what is not deployed').toHaveLength(
    Number(deployed),
  );
  await fireEvent.click(screen.getByRole('button', { name }));
  expect(asked).toHaveBeenCalledExactlyOnceWith('/v1/jobs/j7/deploy');
});

it('opens the images of a cell, also of one that has no number on it', async () => {
  const classes = Array.from({ length: 30 }, (_, at) => `class ${at}`);
  const counts = classes.map((_, truth) => classes.map((_, answer) => (truth === answer ? 9 : Number(answer === 4))));
  const open = vi.fn();
  render(ConfusionMatrix, { props: { matrix: { classes, counts }, open } });
  expect(screen.queryAllByRole('button'), '900 buttons would keep a keyboard busy').toEqual([]);
  await fireEvent.click(screen.getByTitle('class 2 taken for class 4: 1'));
  expect(open).toHaveBeenCalledWith('class 2', 'class 4');
  open.mockClear();
  await fireEvent.click(screen.getByTitle('class 2 taken for class 5: 0'));
  expect(open, 'there is nothing to be seen').not.toHaveBeenCalled();
});

it('has one cell of a large matrix for the keyboard, which moves by arrows and opens by Enter', async () => {
  const classes = Array.from({ length: 30 }, (_, at) => `class ${at}`);
  const counts = classes.map((_, truth) => classes.map((_, answer) => Number(truth === answer)));
  const open = vi.fn();
  render(ConfusionMatrix, { props: { matrix: { classes, counts }, open } });
  const stops = () =>
    [...screen.getByRole('grid').querySelectorAll('[tabindex="0"]')].map((one) => one.getAttribute('title'));
  expect(stops()).toEqual(['class 0 taken for class 0: 1']);
  screen.getByTitle('class 0 taken for class 0: 1').focus();
  const press = (key: string, more: object = {}) => fireEvent.keyDown(document.activeElement!, { key, ...more });
  for (const key of ['ArrowUp', 'ArrowDown', 'ArrowDown', 'ArrowRight', 'ArrowLeft', 'ArrowRight']) await press(key);
  expect(document.activeElement!.getAttribute('title')).toBe('class 2 taken for class 1: 0');
  expect(stops(), 'one comes back to where one was').toEqual(['class 2 taken for class 1: 0']);
  expect(screen.getByText('class 2 taken for class 1: 0'), 'for who sees no title').toBeTruthy();
  await press('Enter');
  expect(open, 'there is nothing to be seen').not.toHaveBeenCalled();
  await press('ArrowRight');
  await press('Enter');
  expect(open).toHaveBeenLastCalledWith('class 2', 'class 2');
  await press('End', { ctrlKey: true });
  await press(' ');
  expect(open).toHaveBeenLastCalledWith('class 29', 'class 29');
  await press('Home');
  expect(stops()).toEqual(['class 29 taken for class 0: 0']);
  expect(await press('Tab'), 'and one leaves it').toBe(true);
});
