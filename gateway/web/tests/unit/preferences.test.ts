// The table of jobs as somebody wants it: kept with the account, told a moment after each change, and never lost by one that fails.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { USUAL } from '../../src/lib/job-columns';
import { session } from '../../src/state/session.svelte';
import { table } from '../../src/state/table.svelte';
import { toasts } from '../../src/state/toasts.svelte';

const { api } = session;
const view = { name: 'mine', search: 'q=a', columns: ['number'] };
const account = { columns: ['number', 'model'], views: [view], pinned: ['job-1'] };

function answering(preferences: unknown, put = vi.fn(async () => ({ preferences }))) {
  session.api = { get: vi.fn(async () => ({ preferences })), put } as unknown as typeof api;
  return put;
}

beforeEach(() => {
  vi.useFakeTimers();
  localStorage.clear();
});
afterEach(async () => {
  // What a test has left to be told is told.
  answering(null);
  table.choose(USUAL);
  table.views.forEach(({ name }) => table.forget(name));
  table.pinned.forEach((id) => table.pin(id, false));
  await vi.runAllTimersAsync();
  vi.useRealTimers();
  session.api = api;
});

it('is as the account has it, in every browser', async () => {
  const put = answering(account);
  await table.read();
  expect([table.columns, table.views, table.pinned]).toEqual([['number', 'model'], [view], ['job-1']]);
  expect(JSON.parse(localStorage.getItem('trainyard.jobs.pinned')!)).toEqual(['job-1']);
  expect(put).not.toHaveBeenCalled();
});

it('gives what one browser had to an account that has nothing', async () => {
  answering(null);
  table.keep('mine', 'q=a');
  await vi.runAllTimersAsync();
  const put = answering(null);
  await table.read();
  const kept = { columns: USUAL, views: [{ ...view, columns: USUAL }], pinned: [] };
  expect(put).toHaveBeenCalledExactlyOnceWith('/v1/preferences', kept);
});

it('tells several changes together, and what could not be told with the next', async () => {
  const put = answering(null);
  table.pin('job-1', true);
  table.pin('job-2', true);
  await vi.runAllTimersAsync();
  expect(put).toHaveBeenCalledExactlyOnceWith(
    '/v1/preferences',
    expect.objectContaining({ pinned: ['job-1', 'job-2'] }),
  );

  const shown = vi.spyOn(toasts, 'show').mockImplementation(() => {});
  const away = answering(
    account,
    vi.fn(async () => Promise.reject(new Error('away'))),
  );
  table.pin('job-3', true);
  await vi.runAllTimersAsync();
  expect(away).toHaveBeenCalledOnce();
  expect(shown).toHaveBeenCalledOnce();
  expect(table.pinned).toContain('job-3');
  const again = answering(account);
  await table.read();
  expect(again).toHaveBeenCalledOnce();
  expect(table.pinned).toEqual(['job-1', 'job-2', 'job-3']);
  shown.mockRestore();
});

it('leaves to another account nothing of the one before, not even what could not be told', async () => {
  const as = (id: string) => vi.spyOn(session, 'account', 'get').mockReturnValue(`acme ${id}`);
  as('first');
  answering(account);
  await table.read();
  vi.spyOn(toasts, 'show').mockImplementation(() => {});
  answering(
    null,
    vi.fn(async () => Promise.reject(new Error('away'))),
  );
  table.pin('job-9', true);
  await vi.runAllTimersAsync();
  as('second');
  const put = answering(null);
  await table.read();
  expect(put, 'nothing of theirs is told').not.toHaveBeenCalled();
  expect([table.columns, table.views, table.pinned]).toEqual([USUAL, [], []]);
  vi.restoreAllMocks();
});
