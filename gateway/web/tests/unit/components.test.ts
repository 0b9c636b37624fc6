// Components alone on a page: what they show, what they say when used, and that names are never HTML.
import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import golden from '../golden/folds.json';
import { i18n } from '../../src/i18n/i18n.svelte';
import type { JobRow, PredictAnswer, Proposal } from '../../src/wire/rows';
import Predictions from '../../src/ui/Predictions.svelte';
import ProposalCard from '../../src/ui/ProposalCard.svelte';
import Progress from '../../src/ui/Progress.svelte';
import Status from '../../src/ui/Status.svelte';
import Waiting from '../../src/ui/Waiting.svelte';

const chat = golden.find((story) => story.name === 'a chat')!;
const proposal = chat.steps[1]!.message!.proposal as unknown as Proposal;
const row = golden[0]!.steps[5]!.job as unknown as JobRow;

beforeEach(() => i18n.choose('en'));
afterEach(cleanup);

function card(props: Partial<{ outcome: 'approved' | null; locked: boolean; proposal: Proposal }> = {}) {
  const [say, decide] = [vi.fn(), vi.fn()];
  render(ProposalCard, { props: { proposal: { ...proposal, missing: [] }, outcome: null, say, decide, ...props } });
  return { say, decide };
}

describe('a proposal', () => {
  it('says of each value where it came from', () => {
    card();
    const epochs = screen.getByLabelText<HTMLInputElement>('Epochs');
    expect(epochs.value).toBe('30');
    const from = document.getElementById(epochs.getAttribute('aria-describedby')!)!;
    expect(from.textContent).not.toBe('');
  });

  it('is changed by a message, and approved as it is', async () => {
    const { say, decide } = card();
    await fireEvent.input(screen.getByLabelText('Epochs'), { target: { value: '12' } });
    expect(screen.queryByText('Approve and train'), 'what is not said yet cannot be approved').toBeNull();
    await fireEvent.click(screen.getByText('Change 1 value'));
    expect(say).toHaveBeenCalledWith('change epochs to 12');
    await fireEvent.click(screen.getByText('Approve and train'));
    expect(decide).toHaveBeenCalledWith('approve');
  });

  it('speaks Korean', async () => {
    i18n.choose('ko');
    const { say } = card();
    await fireEvent.input(screen.getByLabelText('배치 크기'), { target: { value: '16' } });
    await fireEvent.click(screen.getByText('1개 값 바꾸기'));
    expect(say).toHaveBeenCalledWith('배치 크기 16으로 바꿔줘');
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
  const boxes = document.querySelectorAll('rect');
  expect(boxes).toHaveLength(1);
  expect([boxes[0]!.getAttribute('width'), boxes[0]!.getAttribute('height')]).toEqual(['100', '200']);
  expect(document.querySelector('b')).toBeNull();
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
