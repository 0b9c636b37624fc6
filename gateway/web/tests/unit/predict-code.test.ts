// The lines that a program of one's own begins with: with the token where the page has one, and without one that is none.
import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { i18n } from '../../src/i18n/i18n.svelte';
import { COOKIE } from '../../src/lib/api';
import { KINDS, predictCode } from '../../src/lib/predict-code';
import { Read } from '../../src/state/read.svelte';
import { session } from '../../src/state/session.svelte';
import NatsLogin from '../../src/ui/NatsLogin.svelte';
import PredictCode from '../../src/ui/PredictCode.svelte';
import type { FeedAnswer, Whoami } from '../../src/wire/api';

const feed: FeedAnswer = {
  open: true,
  domain: 'feed',
  inbox_prefix: '_INBOX.acme',
  consumers: ['acme_1'],
  streams: [{ stream: 'FEED', filters: ['trainyard.feed.acme.>'] }],
  begins: 1,
};
const who = (role: Whoami['role']) => ({ tenant: 'acme', role }) as Whoami;
const write = vi.fn(async (_: string) => {});

beforeEach(() => {
  i18n.choose('en');
  write.mockClear();
  vi.spyOn(navigator, 'clipboard', 'get').mockReturnValue({ writeText: write } as never);
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
  [session.token, session.identity] = ['', null];
});

/** What is on the clipboard after the sample of `kind` was copied. */
async function copied(kind: string): Promise<string> {
  await fireEvent.click(screen.getByRole('button', { name: kind }));
  await fireEvent.click(screen.getByRole('button', { name: new RegExp(`^Cop(y|ied): ${kind}$`) }));
  return write.mock.lastCall![0];
}

it('has the token in what is copied, and only there', async () => {
  session.token = 'ty_mine';
  render(PredictCode, { props: { path: '/inference/7/predict' } });
  const has = { curl: '"Authorization: Bearer ty_mine"', Python: '"Bearer ty_mine"', JavaScript: '"Bearer ty_mine"' };
  for (const kind of KINDS) {
    expect(await copied(kind)).toContain(has[kind]);
    expect(document.querySelector('pre')!.textContent).not.toContain('ty_mine');
  }
  expect(screen.getByText('Your token is filled in when you copy.')).toBeTruthy();
});

it('takes one from the environment where the browser keeps the session, and says how one comes by one', async () => {
  [session.token, session.identity] = [COOKIE, who('admin')];
  const { unmount } = render(PredictCode, { props: { path: '/inference/7/predict' } });
  const has = {
    curl: '"Authorization: Bearer $TRAINYARD_TOKEN"',
    Python: '"Bearer " + os.environ["TRAINYARD_TOKEN"]',
    JavaScript: '"Bearer " + process.env.TRAINYARD_TOKEN',
  };
  for (const kind of KINDS) {
    const text = await copied(kind);
    expect(text).toContain(has[kind]);
    expect(text).not.toContain(COOKIE);
    expect(document.querySelector('pre')!.textContent, 'nothing is hidden').toBe(text);
  }
  expect(await copied('Python')).toMatch(/^import os\n/);
  const link = screen.getByRole('link', { name: 'Make a token in the settings' });
  expect(link.getAttribute('href')).toBe('settings#set-tokens');
  unmount();
  session.identity = who('editor');
  render(PredictCode, { props: { path: '/inference/7/predict' } });
  expect(screen.queryByRole('link'), 'only admins make tokens').toBeNull();
  expect(screen.getByText(/An admin of your tenant makes you one/)).toBeTruthy();
});

it('logs in at NATS with the token, or with the variable where there is none', async () => {
  const read = new Read<FeedAnswer>('/v1/feed');
  read.value = feed;
  for (const [token, password] of [
    ['ty_mine', 'ty_mine'],
    [COOKIE, '$TRAINYARD_TOKEN'],
  ] as const) {
    session.token = token;
    render(NatsLogin, { props: { feed: read } });
    await fireEvent.click(screen.getByRole('button', { name: 'Copy: Terminal' }));
    expect(write.mock.lastCall![0]).toContain(`--password ${password} --inbox-prefix`);
    cleanup();
  }
});

it('is the same in each language but for where the token comes from', () => {
  for (const kind of KINDS) {
    const bare = (token: string | null) =>
      predictCode(kind, 'http://here/x', token).replace(/.*(Bearer|import os).*\n+/g, '');
    expect(bare(null)).toBe(bare('ty_mine'));
  }
});
