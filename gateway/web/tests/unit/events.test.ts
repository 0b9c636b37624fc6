// The stream of events: what it says about reading the same in a terminal is what a tenant's login may do.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { cleanup, render, screen } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { i18n } from '../../src/i18n/i18n.svelte';
import { readLines } from '../../src/lib/nats';
import Events from '../../src/routes/Events.svelte';
import { router } from '../../src/state/router.svelte';
import { session } from '../../src/state/session.svelte';
import type { FeedAnswer } from '../../src/wire/api';

const feed: FeedAnswer = {
  open: true,
  domain: 'feed',
  inbox_prefix: '_INBOX.acme',
  consumers: ['acme_3f9a1c20b7d4_1'],
  streams: [{ stream: 'FEED', filters: ['trainyard.feed.acme.>', 'trainyard.admin.acme.>'] }],
  begins: 1,
};
const { api, socket } = session;
const get = vi.fn(async () => feed);

beforeEach(() => {
  i18n.choose('en');
  get.mockClear();
  const subscribe = (_: string, told: { initial: (rows: unknown) => void }) => (told.initial({ events: [] }), () => {});
  Object.assign(session, { api: { get }, socket: { subscribe } });
});
afterEach(() => {
  cleanup();
  router.go('/');
  Object.assign(session, { api, socket });
});

const unfold = () => (screen.getByText('The same in a terminal').closest('details')!.open = true);

it('has the lines of docs/feed.md', () => {
  const doc = readFileSync(resolve(import.meta.dirname, '../../../../docs/feed.md'), 'utf8');
  const written = readLines(feed).map((line) => line.replace("' '{", "' \\\n  '{").replace(/(_1') \\\n {2}/, '$1 '));
  for (const line of written) expect(doc).toContain(line);
});

it('reads the feed, and of the feed what is looked at', async () => {
  router.go('/events?about=job&kind=job.finished');
  render(Events);
  expect(get, 'nobody has asked yet').not.toHaveBeenCalled();
  unfold();
  const lines = await screen.findByText(/feed req/);
  expect(get).toHaveBeenCalledExactlyOnceWith('/v1/feed', { wait_for: null });
  expect(lines.textContent).toContain('CONSUMER.CREATE.FEED.acme_3f9a1c20b7d4_1.trainyard.feed.acme.job.>');
  expect(lines.textContent, 'no login of a tenant may read the log').not.toContain('trainyard.event.');
  expect(screen.getByText(/These lines read every kind/)).toBeTruthy();
});

it('says so where nobody is let in', async () => {
  get.mockResolvedValueOnce({ ...feed, open: false });
  render(Events);
  unfold();
  expect(await screen.findByText(/lets nobody log in with a token/)).toBeTruthy();
  expect(screen.queryByText(/feed req/)).toBeNull();
});
