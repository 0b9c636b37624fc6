// What is looked for beyond what the page has: when the gateway is asked, which answer counts, and what is said without one.
import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import golden from '../golden/folds.json';
import { i18n } from '../../src/i18n/i18n.svelte';
import { ApiError } from '../../src/lib/api';
import { jobs } from '../../src/state/jobs.svelte';
import { Places } from '../../src/state/places.svelte';
import { router } from '../../src/state/router.svelte';
import { Search } from '../../src/state/search.svelte';
import { session } from '../../src/state/session.svelte';
import Events from '../../src/routes/Events.svelte';
import Palette from '../../src/ui/Palette.svelte';
import type { Whoami } from '../../src/wire/api';
import type { JobRow } from '../../src/wire/rows';

const template = golden[0]!.steps[5]!.job as unknown as JobRow;
const row = (number: number, title = '') =>
  ({ ...template, id: `j${number}`, number, annotation: { ...template.annotation, title } }) as JobRow;
const { api, identity } = session;
type Query = { q?: string };
/** What each list answers to a question. */
const lists = vi.fn((path: string, _: string): unknown => {
  if (path === '/v1/jobs') return { jobs: [], next: null };
  if (path === '/v1/datasets') return { datasets: [], next: null };
  if (path === '/v1/registry') return { models: [], next: null };
  return path === '/v1/chats' ? { chats: [], next: null } : Promise.reject(new ApiError(404, 'unknown', 'no', ''));
});
const get = vi.fn(async (path: string, { q = '' }: Query = {}) => lists(path, q));
const questions = () => get.mock.calls.flatMap(([path, query]) => (query?.q ? [`${path} ${query.q}`] : []));

beforeEach(() => {
  i18n.choose('en');
  vi.useFakeTimers();
  get.mockClear();
  Object.assign(session, { api: { get } });
});
afterEach(() => {
  cleanup();
  lists.mockReset();
  vi.useRealTimers();
  Object.assign(session, { api, identity });
  jobs.list = [];
});
const texts = (search: Search) => search.found.map(({ text }) => text);

it('is asked of every list once somebody pauses, and not for a letter', async () => {
  const search = new Search();
  for (const typed of ['n', 'ni', 'nig', 'nigh']) {
    search.ask(typed);
    await vi.advanceTimersByTimeAsync(100);
  }
  expect(questions()).toEqual([]);
  await vi.advanceTimersByTimeAsync(100);
  expect(questions()).toEqual(['/v1/jobs nigh', '/v1/datasets nigh', '/v1/registry nigh', '/v1/chats nigh']);
  expect(get.mock.calls[0]![1]).toEqual({ q: 'nigh', limit: 8 });
  search.ask('n');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(questions()).toHaveLength(4);
  expect(search.found).toEqual([]);
});

it('has the answer of the newest question only, whichever comes last', async () => {
  let late = (_: unknown) => {};
  lists.mockImplementation((path, q) => {
    if (path !== '/v1/jobs') return { jobs: [], datasets: [], models: [], chats: [] };
    return q === 'shift' ? { jobs: [row(2, 'Shift two')] } : new Promise((resolve) => (late = resolve));
  });
  const search = new Search();
  search.ask('shi');
  await vi.advanceTimersByTimeAsync(200);
  search.ask('shift');
  await vi.advanceTimersByTimeAsync(200);
  expect(texts(search)).toEqual(['Job 2 Shift two', 'Events with "shift"']);
  late({ jobs: [row(1, 'Shi one')] });
  await vi.advanceTimersByTimeAsync(10);
  expect(texts(search)).toEqual(['Job 2 Shift two', 'Events with "shift"']);
});

it('finds a job of a number that many have in theirs', async () => {
  lists.mockImplementation((path) => {
    if (path === '/v1/jobs/17') return { job: row(17) };
    return { jobs: [row(170), row(171)], datasets: [], models: [], chats: [] };
  });
  const search = new Search();
  search.ask('#17');
  await vi.advanceTimersByTimeAsync(200);
  expect(texts(search).map((text) => text.replace(/ Job.*/, ''))).toEqual([
    expect.stringMatching(/^Job 17\b/),
    expect.stringMatching(/^Job 170/),
    expect.stringMatching(/^Job 171/),
    'Events with "#17"',
  ]);
  expect(search.problem).toBe('');
});

it('says quietly that only what is near was searched, and shows what one list has told', async () => {
  lists.mockImplementation((path) => {
    if (path === '/v1/datasets') return { datasets: [{ id: 'd', path: 'night' }] };
    return Promise.reject(new ApiError(0, 'unreachable', 'away', 'wait'));
  });
  const search = new Search();
  search.ask('night');
  await vi.advanceTimersByTimeAsync(200);
  expect(search.problem).toContain('cannot be reached');
  expect(texts(search)).toEqual(['night', 'Events with "night"']);
  search.ask('nights');
  expect(search.problem).toBe('');
});

it('comes after what is near, without doubles, and leads there', async () => {
  HTMLDialogElement.prototype.showModal ??= () => {};
  jobs.list = [row(7, 'Night shift')];
  lists.mockImplementation((path) =>
    path === '/v1/jobs'
      ? { jobs: [row(7, 'Night shift'), row(3, 'An older one, whose note says night')] }
      : { datasets: [], models: [], chats: [] },
  );
  render(Palette, { props: { close: () => {}, open: () => {} } });
  const field = screen.getByRole('combobox', { hidden: true });
  await fireEvent.input(field, { target: { value: 'night' } });
  expect(screen.getByText('Looking further')).toBeTruthy();
  await vi.advanceTimersByTimeAsync(200);
  const shown = () => screen.getAllByRole('option', { hidden: true }).map((one) => one.children[1]!.textContent);
  await vi.waitFor(() =>
    expect(shown()).toEqual(['Job 7 Night shift', 'Job 3 An older one, whose note says night', 'Events with "night"']),
  );
  await fireEvent.click(screen.getByText('Events with "night"'));
  expect(router.path + router.search).toBe('/events?q=night');
  router.go('/');
});

it('leads to the parts of the settings that are there for whoever looks', () => {
  const parts = (who: Partial<Whoami>) => {
    session.identity = who as Whoami;
    return new Places(() => {}).all.filter(({ id }) => id.startsWith('set-')).map(({ id }) => id);
  };
  const all = ['set-page', 'set-quota', 'set-costs', 'set-nats'];
  const ofAdmins = ['set-tokens', 'set-members', 'set-hooks', 'set-trail'];
  expect(parts({ role: 'editor', operator: true })).toEqual(all);
  expect(parts({ role: 'admin' })).toEqual([...all, ...ofAdmins]);
  expect(parts({ role: 'admin', operator: true })).toEqual([...all, ...ofAdmins, 'set-tenants']);
  const place = new Places(() => {}).all.find(({ id }) => id === 'set-hooks')!;
  const there = document.body.appendChild(Object.assign(document.createElement('h2'), { id: 'set-hooks' }));
  there.scrollIntoView = vi.fn();
  place.go();
  expect(location.pathname + location.hash).toBe('/settings#set-hooks');
  place.go();
  expect(there.scrollIntoView, 'also who is there already').toHaveBeenCalledTimes(2);
  router.go('/');
});

it('keeps what is searched for among events in the address', async () => {
  const event = (sequence: number, path: string) => ({
    ...golden[0]!.steps[0]!.event,
    sequence,
    body: { ...golden[0]!.steps[0]!.event.body, note: path },
  });
  const { socket } = session;
  const events = [event(2, 'night shift'), event(1, 'day')];
  const subscribe = (_: string, told: { initial: (rows: unknown) => void }) => (told.initial({ events }), () => {});
  Object.assign(session, { socket: { subscribe } });
  router.go('/events?q=NIGHT&kind=job.requested');
  render(Events);
  const lines = () => document.querySelectorAll('main ol > li, .card ol > li').length;
  expect([screen.getByRole<HTMLInputElement>('searchbox').value, lines()]).toEqual(['NIGHT', 1]);
  await fireEvent.click(screen.getByRole('button', { name: 'job' }));
  expect(router.search, 'a kind is of one thing').toBe('?q=NIGHT&about=job');
  await fireEvent.input(screen.getByRole('searchbox'), { target: { value: 'day' } });
  expect([router.query.get('q'), lines()]).toEqual(['day', 1]);
  await fireEvent.input(screen.getByRole('searchbox'), { target: { value: '' } });
  expect([router.search, lines()]).toEqual(['?about=job', 2]);
  Object.assign(session, { socket });
  router.go('/');
});
