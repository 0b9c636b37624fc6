// The head of a job's page: it is renamed in its place, deployed and withdrawn, and goes on from its checkpoint.
import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import golden from '../golden/folds.json';
import { i18n } from '../../src/i18n/i18n.svelte';
import { ApiError } from '../../src/lib/api';
import { router } from '../../src/state/router.svelte';
import { session } from '../../src/state/session.svelte';
import { toasts } from '../../src/state/toasts.svelte';
import JobHead from '../../src/ui/JobHead.svelte';
import type { Whoami } from '../../src/wire/api';
import type { JobRow } from '../../src/wire/rows';

const template = golden[0]!.steps[5]!.job as unknown as JobRow;
const row = (changes: Partial<JobRow> = {}): JobRow => ({
  ...template,
  id: 'job-7',
  number: 7,
  status: 'finished',
  deployed: false,
  checkpoint: null,
  annotation: { ...template.annotation, title: 'first try', archived: false },
  ...changes,
});
const { api } = session;
const [post, patch, remove] = [vi.fn(), vi.fn(), vi.fn()];

beforeEach(() => {
  i18n.choose('en');
  for (const one of [post, patch, remove]) one.mockReset().mockResolvedValue({});
  Object.assign(session, { api: { post, patch, delete: remove } });
  toasts.list = [];
  router.go('/jobs/7');
});
afterEach(() => {
  cleanup();
  session.identity = null;
  Object.assign(session, { api });
  router.go('/');
});
const head = (changes: Partial<JobRow> = {}, past = false) => render(JobHead, { props: { row: row(changes), past } });
const button = (name: string) => screen.getByRole('button', { name });
const field = () => screen.getByRole<HTMLInputElement>('textbox');
async function rename(title: string, key: string) {
  await fireEvent.click(button('Write a title'));
  await fireEvent.input(field(), { target: { value: title } });
  await fireEvent.keyDown(field(), { key });
}

it('is renamed in its place: Enter keeps it, Escape leaves it as it was', async () => {
  head();
  await rename('second try', 'Enter');
  expect(patch).toHaveBeenCalledExactlyOnceWith('/v1/jobs/job-7', { title: 'second try' });
  expect(screen.queryByRole('textbox')).toBeNull();
  await rename('third try', 'Escape');
  await rename('first try ', 'Enter');
  expect(patch, 'neither was another title').toHaveBeenCalledTimes(1);
  patch.mockRejectedValueOnce(new ApiError(422, 'bad_annotation' as never, 'the title is too long', 'shorten it'));
  await rename('fourth try', 'Enter');
  await vi.waitFor(() => expect(JSON.stringify(toasts.list)).toContain('the title is too long'));
});

it('is deployed, and withdrawn again, and says why it is not', async () => {
  const { rerender } = head();
  await fireEvent.click(button('Deploy'));
  expect(post).toHaveBeenCalledExactlyOnceWith('/v1/jobs/job-7/deploy');
  await rerender({ row: row({ deployed: true }), past: false });
  remove.mockRejectedValueOnce(new ApiError(409, 'refused' as never, 'it is somebody’s champion', 'move the alias'));
  await fireEvent.click(button('Withdraw'));
  expect(remove).toHaveBeenCalledExactlyOnceWith('/v1/jobs/job-7/deploy');
  expect(await screen.findByText('it is somebody’s champion')).toBeTruthy();
  await fireEvent.click(button('Withdraw'));
  await vi.waitFor(() => expect(screen.queryByText('it is somebody’s champion')).toBeNull());
});

it('goes on from its checkpoint as a new job, which is shown then', async () => {
  const checkpoint = { epoch: 3 } as unknown as JobRow['checkpoint'];
  const { rerender } = head({ status: 'cancelled', checkpoint });
  post.mockResolvedValueOnce({ job: { id: 'job-8', number: 8 } });
  await fireEvent.click(button('Resume'));
  expect(post).toHaveBeenCalledExactlyOnceWith('/v1/jobs/job-7/resume');
  expect(router.path).toBe('/jobs/8');
  await rerender({ row: row({ status: 'cancelled', checkpoint: null }), past: false });
  expect(screen.queryByRole('button', { name: 'Resume' }), 'there is nothing to go on from').toBeNull();
  await rerender({ row: row({ status: 'training', checkpoint }), past: false });
  expect(screen.queryByRole('button', { name: 'Resume' }), 'it goes on already').toBeNull();
});

it('is left alone by who may not change anything, and in the past', () => {
  const changing = ['Write a title', 'Deploy', 'Withdraw', 'Resume'];
  const offered = () => changing.filter((name) => screen.queryByRole('button', { name }));
  head();
  expect(offered()).toEqual(['Write a title', 'Deploy']);
  cleanup();
  session.identity = { tenant: 'acme', role: 'viewer' } as Whoami;
  head();
  expect(offered()).toEqual([]);
  cleanup();
  session.identity = null;
  head({}, true);
  expect(offered()).toEqual([]);
});
