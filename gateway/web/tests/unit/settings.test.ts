// Settings: what is wrong stands at its field, secrets are seen once, and what cannot be had is not asked for.
import { cleanup, fireEvent, render, screen, within } from '@testing-library/svelte';
import { tick } from 'svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { i18n } from '../../src/i18n/i18n.svelte';
import { ApiError } from '../../src/lib/api';
import { kindsIn, toggled, unknownKinds } from '../../src/lib/hook';
import { loginLine, readLines } from '../../src/lib/nats';
import Settings from '../../src/routes/Settings.svelte';
import type { Listener } from '../../src/live/socket';
import { session } from '../../src/state/session.svelte';
import type { CostReport, FeedAnswer, Whoami } from '../../src/wire/api';
import type { PublicEvent } from '../../src/wire/events';

const { api, socket } = session;
const feed: FeedAnswer = {
  open: true,
  domain: 'feed',
  inbox_prefix: '_INBOX.acme',
  consumers: ['acme_1', 'acme_2'],
  streams: [{ stream: 'FEED', filters: ['trainyard.feed.acme.>'] }],
  begins: 1,
};
const token = (name: string, more = {}) => ({
  tenant: 'acme',
  token_id: name,
  name,
  role: 'editor',
  issued_at: '2026-03-01T09:00:00Z',
  revoked_at: null,
  expires_at: null,
  scope: [],
  member: null,
  replaced_by: null,
  sequence: 1,
  ...more,
});
const hook = {
  hook_id: 'h1',
  form: 'slack',
  address: 'hooks.slack.com',
  on: ['job.failed'],
  language: 'english',
  added_at: '2026-03-01T09:00:00Z',
  paused: { why: 'gone', english: 'the hook is paused: its receiver is gone', korean: '멈춘 웹훅입니다' },
  taken: 12,
  waiting: 3,
  dead: 1,
  last: { at: '2026-03-01T09:00:00Z', miss: { english: 'it answers 410', korean: '410으로 답합니다' } },
  test: null,
  tested: 0,
};
const quota = {
  quota: { concurrent_jobs: 2, gpu_hours: null, dataset_bytes: 2 ** 30, month_budget: null },
  use: { concurrent_jobs: 2, jobs: [], gpu_seconds: 7_200, dataset_bytes: 2 ** 29 },
};

const taken = { held_ms: 5_400_000, cost: 4_250_000_000_000 };
const costs: CostReport = {
  month: '2026-11',
  zone: 'Asia/Seoul',
  currency: 'KRW',
  budget: 5_000_000,
  total: taken,
  running: 1,
  members: [{ member: 'laptop', taken }],
  jobs: [{ job: 'j', number: 7, member: 'laptop', taken }],
  kinds: [{ pool: 'gpu', device: 'NVIDIA H200', taken }],
};

let answers: Record<string, unknown>;
let listener: Listener;
let post: ReturnType<typeof vi.fn>;
let put: ReturnType<typeof vi.fn>;
let patch: ReturnType<typeof vi.fn>;

beforeEach(() => {
  i18n.choose('en');
  answers = {
    '/v1/tokens': { tokens: [token('page'), token('old', { revoked_at: '2026-03-02T09:00:00Z' })], last_uses: {} },
    '/v1/members': { members: [] },
    '/v1/invitations': { invitations: [] },
    '/v1/hooks': { hooks: [hook] },
    '/v1/quota': quota,
    '/v1/costs': costs,
    '/v1/prices': { prices: { gpu: { currency: 'KRW', hour: 3_200_000_000, devices: { H200: 9_000_000_000 } } } },
    '/v1/feed': feed,
  };
  const get = vi.fn(async (path: string) => answers[path]);
  [post, put, patch] = [vi.fn(), vi.fn(async () => ({ sequence: 7 })), vi.fn(async () => ({ sequence: 7 }))];
  const subscribe = (_: string, told: Listener) => ((listener = told), () => {});
  Object.assign(session, {
    api: { get, post, put, patch, delete: vi.fn(async () => ({ sequence: 7 })) },
    socket: { subscribe },
  });
  session.identity = { tenant: 'acme', token: { id: 'page', name: 'page', expires_at: null }, role: 'admin' } as Whoami;
});
afterEach(() => {
  cleanup();
  session.identity = null;
  Object.assign(session, { api, socket });
});

it('shows the text of a new token once, and what is wrong with a name at the name', async () => {
  render(Settings);
  await screen.findByText('1 revoked');
  const name = screen.getByLabelText<HTMLInputElement>('Name');
  post.mockRejectedValueOnce(
    new ApiError(409, 'token_name_taken', 'there is a token of this name', 'take another name'),
  );
  await fireEvent.input(name, { target: { value: 'page' } });
  await fireEvent.click(screen.getByRole('button', { name: 'Make a token' }));
  expect(await screen.findByText('there is a token of this name take another name')).toBeTruthy();
  expect(name.getAttribute('aria-invalid')).toBe('true');
  expect(document.getElementById(name.getAttribute('aria-describedby')!)!.textContent).toContain('take another name');

  post.mockResolvedValueOnce({ token: 'ty_new', token_id: 'ci', sequence: 9 });
  await fireEvent.input(name, { target: { value: 'ci' } });
  await fireEvent.click(screen.getByRole('button', { name: 'Make a token' }));
  expect(await screen.findByText('ty_new')).toBeTruthy();
  expect(post).toHaveBeenLastCalledWith('/v1/tokens', expect.objectContaining({ name: 'ci', role: 'editor' }));
  expect(name.getAttribute('aria-invalid')).toBe('false');
});

it('says of the token that the page uses what revoking it means', async () => {
  render(Settings);
  await fireEvent.click(await screen.findByRole('button', { name: 'Revoke page' }));
  expect(screen.getByText(/you are signed out at once/)).toBeTruthy();
  const asked = within(screen.getByRole('dialog', { hidden: true }));
  await fireEvent.click(asked.getByRole('button', { name: 'Revoke', hidden: true }));
  expect(session.api.delete).toHaveBeenLastCalledWith('/v1/tokens/page');
});

it('gives a token another text, and none to a session or to one that has a successor', async () => {
  answers['/v1/tokens'] = {
    tokens: [
      token('page'),
      token('former', { replaced_by: 'page', expires_at: '2126-03-01T09:00:00Z' }),
      token('kim@acme.example', { member: { id: '1', subject: 'kim' }, scope: [] }),
    ],
    last_uses: { page: { at: '2026-03-01T09:00:00Z', address: '10.0.3.17' } },
  };
  render(Settings);
  expect(await screen.findByText('10.0.3.17')).toBeTruthy();
  expect(screen.getAllByRole('button', { name: /^Rotate/ }).map((button) => button.getAttribute('aria-label'))).toEqual(
    ['Rotate page'],
  );
  post.mockResolvedValueOnce({ token: 'ty_next', token_id: 'next', old_until: '2026-03-01T10:00:00Z', sequence: 9 });
  await fireEvent.click(screen.getByRole('button', { name: 'Rotate page' }));
  expect(await screen.findByText('ty_next')).toBeTruthy();
  expect(post).toHaveBeenLastCalledWith('/v1/tokens/page/rotate');
});

it('removes a member only when that is meant, and asks somebody to come by a link that is shown once', async () => {
  const kim = {
    id: 'm1',
    name: 'kim@acme.example',
    subject: 'kim',
    role: 'editor',
    last_login: '2026-03-01T09:00:00Z',
  };
  answers['/v1/members'] = { members: [{ ...kim, removed: false }] };
  render(Settings);
  await fireEvent.click(await screen.findByRole('button', { name: 'Remove kim@acme.example' }));
  expect(session.api.delete).not.toHaveBeenCalled();
  answers['/v1/members'] = { members: [{ ...kim, removed: true }] };
  await fireEvent.click(
    within(screen.getByRole('dialog', { hidden: true })).getByRole('button', { name: 'Remove', hidden: true }),
  );
  expect(session.api.delete).toHaveBeenLastCalledWith('/v1/members/m1');
  post.mockResolvedValueOnce({ sequence: 9 });
  await fireEvent.click(await screen.findByRole('button', { name: 'Let in again: kim@acme.example' }));
  expect(post).toHaveBeenLastCalledWith('/v1/members/m1/restore');

  const made = {
    id: 'i1',
    code: 'acme.x',
    path: '#invitation=acme.x',
    expires_at: '2026-03-08T09:00:00Z',
    sequence: 10,
  };
  post.mockResolvedValueOnce(made);
  await fireEvent.input(screen.getByLabelText('Who is to come'), { target: { value: '박지민' } });
  await fireEvent.click(screen.getByRole('button', { name: 'Invite' }));
  expect(await screen.findByText(/#invitation=acme\.x$/)).toBeTruthy();
  expect(post).toHaveBeenLastCalledWith('/v1/invitations', { name: '박지민', role: 'editor' });
});

it('erases what was said with a token, also with one that was revoked, after it was asked', async () => {
  const erase = vi.fn(async () => ({ chats: ['a', 'b'], sequence: 9 }));
  Object.assign(session.api, { delete: erase });
  render(Settings);
  await fireEvent.click(await screen.findByRole('button', { name: 'Erase what was said with old' }));
  expect(screen.getByText(/It cannot be had back. Proposals and jobs stay/)).toBeTruthy();
  expect(erase).not.toHaveBeenCalled();
  await fireEvent.click(screen.getByRole('button', { name: 'Erase what was said' }));
  expect(await screen.findByText('Erased in 2 conversations.')).toBeTruthy();
  expect(erase).toHaveBeenCalledWith('/v1/members/old/said');
});

it('tells why a hook is paused, and sends again what was given up', async () => {
  render(Settings);
  expect(await screen.findByText('the hook is paused: its receiver is gone')).toBeTruthy();
  expect(screen.getByText(/it answers 410/)).toBeTruthy();
  post.mockResolvedValue({ hook_id: 'h1', sequence: 11 });
  await fireEvent.click(screen.getByRole('button', { name: 'Send again' }));
  expect(post).toHaveBeenLastCalledWith('/v1/hooks/h1/replay');
  await fireEvent.click(screen.getByRole('button', { name: 'Test' }));
  const testing = await screen.findByRole<HTMLButtonElement>('button', { name: 'Testing' });
  expect(testing.disabled, 'until the test is done').toBe(true);
});

it('takes no hook for events that there are not, and says at the address what is wrong with it', async () => {
  render(Settings);
  await fireEvent.click(await screen.findByRole('button', { name: 'Add a webhook' }));
  const [address, on] = [screen.getByLabelText('Address'), screen.getByLabelText('Events')];
  await fireEvent.input(address, { target: { value: 'http://inside' } });
  await fireEvent.input(on, { target: { value: 'job.finished, job.unheard' } });
  expect(screen.getByText('There are no such events: job.unheard')).toBeTruthy();
  const send = screen.getAllByRole<HTMLButtonElement>('button', { name: 'Add a webhook' }).at(-1)!;
  expect(send.disabled).toBe(true);
  await fireEvent.click(screen.getByRole('button', { name: 'job.*' }));
  await fireEvent.input(on, { target: { value: 'job.*' } });
  post.mockRejectedValueOnce(new ApiError(422, 'bad_hook', 'the address is not public', 'give a public one'));
  await fireEvent.click(send);
  expect(await screen.findByText('the address is not public give a public one')).toBeTruthy();
  expect(address.getAttribute('aria-invalid')).toBe('true');
  post.mockResolvedValueOnce({ hook_id: 'h2', secret: 'whsec_x', sequence: 12 });
  await fireEvent.click(send);
  expect(await screen.findByText('whsec_x')).toBeTruthy();
});

it('shows how much is used of what, and sets all limits at once', async () => {
  render(Settings);
  expect(await screen.findByText('2 of 2')).toBeTruthy();
  expect(screen.getByText('512.0 MiB of 1.0 GiB')).toBeTruthy();
  expect(screen.getByText('2 h, without a limit')).toBeTruthy();
  await fireEvent.click(screen.getByRole('button', { name: 'Change the quota' }));
  await fireEvent.input(screen.getByLabelText('GPU hours'), { target: { value: '40' } });
  await fireEvent.input(screen.getByLabelText('Jobs at once', { selector: 'input' }), { target: { value: '' } });
  await fireEvent.click(screen.getByRole('button', { name: 'Set' }));
  const asked = { concurrent_jobs: null, gpu_hours: 40, dataset_bytes: 2 ** 30, month_budget: null };
  expect(put).toHaveBeenCalledWith('/v1/quota', asked);
});

it('shows nobody but admins what only they may have', async () => {
  session.identity = { ...session.identity!, role: 'viewer' };
  render(Settings);
  expect(await screen.findByText('2 of 2')).toBeTruthy();
  expect(screen.queryByRole('heading', { name: 'Tokens' })).toBeNull();
  expect(screen.queryByRole('button', { name: 'Change the quota' })).toBeNull();
  expect(vi.mocked(session.api.get).mock.calls.map(([path]) => path)).not.toContain('/v1/tokens');
});

it('tells what the month has cost, how much of its budget that is, and sets a price', async () => {
  render(Settings);
  expect(await screen.findByText('₩4,250,000', { selector: 'b' })).toBeTruthy();
  expect(screen.getByRole('progressbar', { name: 'Budget of the month' }).getAttribute('aria-valuenow')).toBe('85');
  expect(screen.getByText('Most of the budget is spent.')).toBeTruthy();
  expect(screen.getByRole('link', { name: '7' }).getAttribute('href')).toBe('jobs/7');
  expect(screen.getByText('gpu: H200: ₩9,000 an hour')).toBeTruthy();
  await fireEvent.click(screen.getByRole('button', { name: 'Change a price' }));
  await fireEvent.input(screen.getByLabelText('For an hour'), { target: { value: '2800.5' } });
  await fireEvent.submit(screen.getByRole('form', { name: 'Set the price' }));
  const price = { currency: 'KRW', hour: 2_800_500_000, devices: { H200: 9_000_000_000 } };
  expect(put).toHaveBeenCalledWith('/v1/prices', { pool: 'gpu', price });
});

it('says how a program of one’s own reads the feed, in words that a shell leaves alone', () => {
  expect(loginLine(feed, '$TRAINYARD_TOKEN')).toContain('--password $TRAINYARD_TOKEN --inbox-prefix _INBOX.acme');
  const [make, next] = readLines(feed);
  expect(make).toContain("'$JS.feed.API.CONSUMER.CREATE.FEED.acme_1.trainyard.feed.acme.>'");
  expect(JSON.parse(/ '(\{.*\})'$/.exec(make!)![1]!).config.durable_name).toBe('acme_1');
  expect(next).toContain("'$JS.feed.API.CONSUMER.MSG.NEXT.FEED.acme_1'");
});

it('knows the kinds of events that a hook can be for', () => {
  expect(kindsIn(' job.*, job.failed\njob.*')).toEqual(['job.*', 'job.failed']);
  expect(unknownKinds(['job.*', 'model.aliased', 'tenant.*', 'tenant.token_issued', 'jobs.*', 'job'])).toEqual([
    'tenant.*',
    'tenant.token_issued',
    'jobs.*',
    'job',
  ]);
  expect(toggled(['job.*'], 'job.*')).toEqual([]);
  expect(toggled(['job.*'], 'model.*')).toEqual(['job.*', 'model.*']);
});

it('has tenants for operators alone: the first token is shown once, and closing one is asked about', async () => {
  const made = { tenant: 'line-3', token: 'ty_first', token_id: 'f', sequence: 9 };
  const shown = (tenant: string, closed_at: string | null = null) => ({
    tenant,
    created_at: '2026-03-01T09:00:00Z',
    closed_at,
  });
  answers['/v1/tenants'] = { tenants: [shown('acme'), shown('line-2'), shown('old', '2026-03-02T09:00:00Z')] };
  const { unmount } = render(Settings);
  await screen.findByText('1 revoked');
  expect(screen.queryByText('Tenants')).toBeNull();
  expect(session.api.get).not.toHaveBeenCalledWith('/v1/tenants', expect.anything());
  unmount();

  session.identity = { ...session.identity!, operator: true };
  render(Settings);
  await screen.findByText('Tenants');
  expect(
    screen.getAllByRole('button', { name: /^Close for good: / }).map((one) => one.getAttribute('aria-label')),
  ).toEqual(['Close for good: line-2']);
  const form = within(screen.getByRole('form', { name: 'Make a tenant' }));
  post.mockRejectedValueOnce(new ApiError(409, 'already_so', 'it is there already', 'take another name'));
  await fireEvent.input(form.getByLabelText('Name'), { target: { value: 'line-2' } });
  await fireEvent.click(form.getByRole('button', { name: 'Make a tenant' }));
  expect(await screen.findByText('it is there already')).toBeTruthy();
  post.mockResolvedValueOnce(made);
  await fireEvent.input(form.getByLabelText('Name'), { target: { value: 'line-3' } });
  await fireEvent.click(form.getByRole('button', { name: 'Make a tenant' }));
  expect(await screen.findByText('ty_first')).toBeTruthy();
  expect(post).toHaveBeenLastCalledWith('/v1/tenants', { tenant: 'line-3' });
  expect(session.api.get).toHaveBeenLastCalledWith('/v1/tenants', { wait_for: 9 });

  await fireEvent.click(screen.getByRole('button', { name: 'Close for good: line-2' }));
  expect(session.api.delete).not.toHaveBeenCalled();
  const asked = within(screen.getByRole('dialog', { hidden: true }));
  await fireEvent.click(asked.getByRole('button', { name: 'Close for good', hidden: true }));
  expect(session.api.delete).toHaveBeenLastCalledWith('/v1/tenants/line-2');
});

it('reads again what an event says to be other, what comes together once, and all of it when one comes back', async () => {
  render(Settings);
  await screen.findByText('1 revoked');
  const get = vi.mocked(session.api.get);
  const asked = () => get.mock.calls.map(([path, query]) => [path, query?.['wait_for'] ?? null]);
  listener.initial({ events: [] }, 1);
  get.mockClear();
  vi.useFakeTimers();
  const event = (sequence: number, kind: string) => ({ sequence, kind }) as PublicEvent;
  answers['/v1/tokens'] = { tokens: [token('page'), token('ci')], last_uses: {} };
  listener.events([event(7, 'tenant.token_issued'), event(8, 'tenant.token_issued'), event(9, 'job.epoch_logged')]);
  await vi.advanceTimersByTimeAsync(1_000);
  vi.useRealTimers();
  expect(asked()).toEqual([
    ['/v1/tokens', 8],
    ['/v1/members', 8],
    ['/v1/invitations', null],
  ]);
  expect(await screen.findByText('ci'), 'it was made elsewhere').toBeTruthy();
  get.mockClear();
  dispatchEvent(new Event('focus'));
  expect(new Set(asked().map(([path]) => path))).toEqual(
    new Set(['/v1/quota', '/v1/costs', '/v1/prices', '/v1/tokens', '/v1/members', '/v1/invitations']),
  );
  get.mockClear();
  listener.initial({ events: [] }, 20);
  expect(asked().length, 'what was missed is not told one by one').toBeGreaterThan(0);
});

it('keeps what somebody was told of going wrong when it reads again of itself', async () => {
  render(Settings);
  await screen.findByText('1 revoked');
  vi.mocked(session.api.delete).mockRejectedValueOnce(
    new ApiError(409, 'refused', 'it is the last one', 'make another'),
  );
  await fireEvent.click(screen.getByRole('button', { name: 'Revoke page' }));
  const dialog = within(screen.getByRole('dialog', { hidden: true }));
  await fireEvent.click(dialog.getByRole('button', { name: 'Revoke', hidden: true }));
  expect(await screen.findByText('it is the last one')).toBeTruthy();
  const get = vi.mocked(session.api.get);
  get.mockClear();
  dispatchEvent(new Event('focus'));
  await vi.waitFor(() => expect(get).toHaveBeenCalledWith('/v1/tokens', { wait_for: null }));
  await tick();
  expect(screen.getByText('it is the last one')).toBeTruthy();
});
