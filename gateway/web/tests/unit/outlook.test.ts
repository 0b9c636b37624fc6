// What to expect of a proposal: told of the one that is open, with what it rests on, and never of another.
import { cleanup, render, screen } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import golden from '../golden/folds.json';
import { i18n } from '../../src/i18n/i18n.svelte';
import { jobs } from '../../src/state/jobs.svelte';
import { session } from '../../src/state/session.svelte';
import ProposalOutlook from '../../src/ui/ProposalOutlook.svelte';
import type { Outlook } from '../../src/wire/api';
import type { JobRow } from '../../src/wire/rows';

const HASH = 'a'.repeat(64);
const hour: NonNullable<Outlook['time']> = {
  ms: 3_600_000,
  by: 3,
  guess: false,
  pool: 'gpu',
  device: 'NVIDIA H200',
  currency: 'KRW',
  cost: 9_000_000_000,
};
const { api } = session;
beforeEach(() => i18n.choose('ko'));
afterEach(() => {
  cleanup();
  [session.api, jobs.list] = [api, []];
});

function show(told: Partial<Outlook>) {
  const get = vi.fn(async () => ({ hash: HASH, time: null, waiting: 0, running: 0, ...told }));
  session.api = { get } as unknown as typeof session.api;
  render(ProposalOutlook, { props: { chat: 'a-chat', hash: HASH, dataset: null, language: 'ko' } });
  return get;
}

it('says how long jobs like it took, and what that costs', async () => {
  const get = show({ time: hour });
  const said = await screen.findByText(/비슷한 작업 3개로 보아 1시간/);
  expect(said.textContent).toContain('₩9,000');
  expect(get).toHaveBeenCalledExactlyOnceWith('/v1/chats/a-chat/outlook');
});

it('says of a guess that it is one, and of what has no price no cost', async () => {
  show({ time: { ...hour, guess: true, currency: null, cost: 0 } });
  const said = await screen.findByText(/추정: .*작업 3개에서 이미지 수로/);
  expect(said.textContent).not.toContain('₩');
});

it('says when nobody knows', async () => {
  show({});
  await screen.findByText(new RegExp(i18n.of('ko').talk.takesUnknown.slice(0, 12)));
});

it('says nothing about another proposal', async () => {
  const get = show({ hash: 'b'.repeat(64), time: hour });
  await vi.waitFor(() => expect(get).toHaveBeenCalled());
  await get.mock.results[0]!.value;
  expect(screen.queryByText(/비슷한 작업/)).toBeNull();
});

const job = golden[0]!.steps[5]!.job as unknown as JobRow;

it('counts those before it as the platform does, which knows all of them, and counts again when one moves', async () => {
  jobs.list = [{ ...job, status: 'queued' }];
  const get = show({ waiting: 231, running: 8 });
  await screen.findByText(/먼저 기다리는 작업이 231개/);
  get.mockResolvedValue({ hash: HASH, time: null, waiting: 0, running: 9 });
  jobs.list = [{ ...job, status: 'training' }];
  await screen.findByText(/기다리는 작업은 없고 9개가/, {}, { timeout: 3_000 });
  jobs.list = [{ ...job, status: 'training', epochs_done: 2 }];
  await new Promise((later) => setTimeout(later, 1_200));
  expect(get, 'an epoch moves nobody').toHaveBeenCalledTimes(2);
});

it('says nothing of the line before it is known', () => {
  show({ waiting: 3 });
  expect(screen.queryByText(/기다리는 작업/)).toBeNull();
});
