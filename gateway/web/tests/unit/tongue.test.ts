// Dialogs and forms that a page has only when somebody opens them: none of them says a word in another language than the page.
import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import type { Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import golden from '../golden/folds.json';
import { foreign } from '../browser/tongue';
import { i18n, type LanguageCode } from '../../src/i18n/i18n.svelte';
import Settings from '../../src/routes/Settings.svelte';
import SignIn from '../../src/routes/SignIn.svelte';
import { COOKIE } from '../../src/lib/api';
import { jobs } from '../../src/state/jobs.svelte';
import { session } from '../../src/state/session.svelte';
import type { Whoami } from '../../src/wire/api';
import type { JobRow } from '../../src/wire/rows';
import ChartTools from '../../src/ui/ChartTools.svelte';
import ChatHistory from '../../src/ui/ChatHistory.svelte';
import ColumnMenu from '../../src/ui/ColumnMenu.svelte';
import FolderBrowser from '../../src/ui/FolderBrowser.svelte';
import JobActions from '../../src/ui/JobActions.svelte';
import JobHead from '../../src/ui/JobHead.svelte';
import Palette from '../../src/ui/Palette.svelte';
import PredictCode from '../../src/ui/PredictCode.svelte';
import RunAgain from '../../src/ui/RunAgain.svelte';
import Shortcuts from '../../src/ui/Shortcuts.svelte';
import TagDialog from '../../src/ui/TagDialog.svelte';
import TokenNote from '../../src/ui/TokenNote.svelte';
import WorkerDrain from '../../src/ui/WorkerDrain.svelte';

const job = golden[0]!.steps[5]!.job as unknown as JobRow;
const row: JobRow = { ...job, config: { ...job.config, dataset: 'scratches@3', model: 'resnet18' } };
const at = '2026-03-01T09:00:00Z';
const token = { name: 'ci-1', role: 'editor', scope: ['jobs'], issued_at: at, revoked_at: null, expires_at: null };
const taken = { held_ms: 5_400_000, cost: 4_250_000_000_000 };
const answers: Record<string, unknown> = {
  '/v1/tokens': {
    tokens: [
      { ...token, token_id: 't1', member: null, replaced_by: null },
      { ...token, token_id: 't2', member: { id: 'm', subject: 's' } },
    ],
    last_uses: {},
  },
  '/v1/members': {
    members: [{ id: 'm', name: 'lee@acme.example', subject: 'lee', role: 'editor', last_login: at, removed: false }],
  },
  '/v1/invitations': { invitations: [{ id: 'i', name: 'kim-1', role: 'viewer', expires_at: at }] },
  '/v1/hooks': { hooks: [] },
  '/v1/quota': {
    quota: { concurrent_jobs: 2, gpu_hours: 40, dataset_bytes: 2 ** 30, month_budget: 5_000 },
    use: { concurrent_jobs: 2, jobs: [], gpu_seconds: 7_200, dataset_bytes: 2 ** 29 },
  },
  '/v1/costs': {
    month: '2026-11',
    zone: 'Asia/Seoul',
    currency: 'KRW',
    budget: 5_000,
    total: taken,
    running: 1,
    members: [],
    jobs: [],
    kinds: [],
  },
  '/v1/prices': { prices: { gpu: { currency: 'KRW', hour: 3_200_000_000 } } },
  '/v1/feed': { open: false, domain: 'feed', inbox_prefix: '_INBOX.acme', consumers: [], streams: [], begins: 1 },
  '/v1/tenants': { tenants: [{ tenant: 'line-2', created_at: at, closed_at: null }] },
  '/v1/chats': { chats: [{ id: 'c1', title: 'line-3', last_at: at, archived: false }], next: null },
  '/v1/login': { company: true },
  '/v1/roots': {
    path: '/data/acme',
    parent: null,
    images: 240,
    more_images: true,
    folders: [{ name: 'scratches-3', path: '/data/acme/scratches-3', images: 240, more_images: false }],
    left_out: 2,
  },
};
const { api, socket } = session;

beforeEach(() => {
  const get = vi.fn(async (path: string) => answers[path]);
  const post = vi.fn(async () => ({ token: 'ty_new-1', token_id: 'n', sequence: 9, path: '#invitation=x-1', id: 'i' }));
  Object.assign(session, { api: { get, post }, socket: { subscribe: () => () => {} } });
  session.identity = { tenant: 'acme', token: { id: 't1', name: 'ci-1' }, role: 'admin', operator: true } as Whoami;
  vi.stubGlobal('fetch', async (path: string) => Response.json(answers[path] ?? {}));
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  [session.token, session.identity, session.refused, session.invitation] = ['', null, false, null];
  Object.assign(session, { api, socket });
});

/** What is said on the page as it is now that is not in its language. */
const strange = () => foreign({ evaluate: async (ask: () => unknown) => ask() } as unknown as Page);
const press = (name: string) => fireEvent.click(screen.getAllByRole('button', { name, hidden: true })[0]!);
const close = () => undefined;
/** Settings as they are once everything is there. */
async function settings() {
  render(Settings);
  await screen.findByText(i18n.m.settings.costs.prices);
}

const STATES: Record<string, () => Promise<unknown> | void> = {
  'a token that was made': async () => {
    await settings();
    await fireEvent.input(screen.getAllByLabelText(i18n.m.settings.tokens.name)[0]!, { target: { value: 'ci-2' } });
    await press(i18n.m.settings.tokens.make);
    await screen.findByText('ty_new-1');
  },
  'a token that is to be revoked': async () => {
    await settings();
    await press(i18n.m.settings.tokens.revokeNamed('ci-1'));
  },
  'what was said with one that is to be erased': async () => {
    await settings();
    await press(i18n.m.settings.tokens.eraseNamed('ci-1'));
  },
  'a member who is to be removed': async () => {
    await settings();
    await press(i18n.m.settings.members.removeNamed('lee@acme.example'));
  },
  'somebody who was invited': async () => {
    await settings();
    await fireEvent.input(screen.getByLabelText(i18n.m.settings.members.whom), { target: { value: 'park-2' } });
    await press(i18n.m.settings.members.invite);
    await screen.findByText(/#invitation=x-1/);
  },
  'a hook that is to be added': async () => {
    await settings();
    await press(i18n.m.settings.hooks.add);
  },
  'a quota that is set': async () => {
    await settings();
    await press(i18n.m.settings.quota.change);
  },
  'a price that is set': async () => {
    await settings();
    await press(i18n.m.settings.costs.change);
  },
  'a tenant that is to be closed': async () => {
    await settings();
    await press(i18n.m.settings.tenants.closeNamed('line-2'));
  },
  'folders of the workers': async () => {
    render(FolderBrowser, { props: { from: '', take: close, close } });
    await screen.findByText('scratches-3');
  },
  'tags of jobs': () => void render(TagDialog, { props: { rows: [row], close, tag: close } }),
  'a job again': () => void render(RunAgain, { props: { row, close } }),
  'the columns of the table': async () => {
    render(ColumnMenu, { props: { measurements: ['accuracy'], grouping: null } });
    await fireEvent.click(screen.getByRole('button'));
  },
  'how curves are looked at': () => {
    const props = { axis: 'step' as const, by: close, losses: ['loss', 'box_loss'], loss: 'loss', whole: close };
    render(ChartTools, { props: { ...props, place: { epoch: 1, step: 7 } } });
  },
  'code with a token': () => {
    session.token = 'ty_mine';
    render(PredictCode, { props: { path: '/inference/7/predict' } });
  },
  'code without one': () => {
    session.token = COOKIE;
    render(PredictCode, { props: { path: '/inference/7/predict' } });
  },
  'a token for who may not make one': () => {
    [session.token, session.identity] = [COOKIE, { ...session.identity!, role: 'viewer' }];
    render(TokenNote);
  },
  'an invitation': () => {
    session.invitation = 'acme.code';
    render(SignIn);
  },
  'a token that was refused': () => {
    session.refused = true;
    render(SignIn);
  },
  'where one can go': () => void render(Palette, { props: { close, open: close } }),
  'the keys': () => void render(Shortcuts),
  'a conversation whose words are to be erased': async () => {
    render(ChatHistory, { id: null, changed: null, open: true, close });
    await screen.findByText('line-3');
    await press(i18n.m.talk.erase('line-3'));
  },
  'a worker that is to be drained': async () => {
    render(WorkerDrain, { props: { worker: 'gpu-9', jobs: 2 } });
    await press(i18n.m.fleet.drainNamed('gpu-9'));
  },
  'jobs that are to be cancelled': async () => {
    jobs.list = [{ ...row, status: 'training' }];
    render(JobActions, { props: { chosen: new Set([row.number]) } });
    await press(i18n.m.table.cancel(1));
  },
  'a job that has failed': () => void render(JobHead, { props: { row: { ...row, status: 'failed' }, past: false } }),
};

describe.each(['ko', 'en'] as const)('in %s', (language: LanguageCode) => {
  beforeEach(() => {
    i18n.choose(language);
    document.documentElement.lang = language;
    document.title = 'Trainyard';
  });

  it.each(Object.entries(STATES))('%s', async (_, show) => {
    await show();
    expect(document.body.textContent!.length, 'it is there').toBeGreaterThan(10);
    expect(await strange()).toEqual([]);
  });
});

it('hears a word of another language in a dialog', async () => {
  i18n.choose('ko');
  document.documentElement.lang = 'ko';
  render(TagDialog, {
    props: { rows: [{ ...row, annotation: { ...row.annotation, tags: ['night'] } }], close, tag: close },
  });
  expect((await strange()).join()).toContain('night');
});
