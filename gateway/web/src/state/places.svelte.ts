// Everything near that can be gone to or done from anywhere: pages, settings, what the page has loaded, and a few acts.
import { i18n } from '../i18n/i18n.svelte';
import { explain } from '../lib/api';
import type { ChatList } from '../wire/api';
import type { ChatRow } from '../wire/rows';
import { catalog } from './catalog.svelte';
import { fleet } from './fleet.svelte';
import { jobs } from './jobs.svelte';
import { Models } from './models.svelte';
import { ofChat, ofDataset, ofJob, ofModel, ofWorker, type Place } from './place';
import { router } from './router.svelte';
import { session } from './session.svelte';
import { theme } from './theme.svelte';

export const PAGES = ['home', 'talk', 'jobs', 'events', 'fleet', 'datasets', 'models', 'try'] as const;
export type PageName = (typeof PAGES)[number];
export const pathOf = (page: PageName): string => (page === 'home' ? '/' : `/${page}`);

/** Of jobs the newest: more would hide what is near. */
const JOBS = 500;
const CHATS = 100;

export class Places {
  private models = new Models();
  private chats = $state.raw<readonly ChatRow[]>([]);

  readonly all: readonly Place[] = $derived.by(() => [
    ...this.pages(),
    ...this.acts(),
    ...this.sections(),
    ...jobs.list.slice(0, JOBS).map(ofJob),
    ...catalog.datasets.map(ofDataset),
    ...this.models.list.map(ofModel),
    ...this.chats.map(ofChat),
    ...fleet.workers.map(ofWorker),
  ]);

  constructor(private readonly open: (what: 'shortcuts') => void) {
    void this.models.read();
    void catalog.readDatasets();
    // Without them the rest is found all the same.
    session.api.get<ChatList>('/v1/chats', { spoken: 'true', limit: CHATS }).then(
      ({ chats }) => (this.chats = chats),
      (error: unknown) => console.warn('no conversations to go to', explain(error).message),
    );
  }

  private pages(): Place[] {
    const m = i18n.m;
    return PAGES.map((page) => ({
      id: `page-${page}`,
      kind: m.palette.page,
      text: m.nav[page],
      beside: page,
      go: () => router.go(pathOf(page)),
    }));
  }

  private acts(): Place[] {
    const m = i18n.m;
    const act = (id: string, text: string, go: () => void) => ({ id, kind: m.palette.act, text, beside: '', go });
    return [
      act('new', m.talk.new, () => router.go('/talk')),
      act('theme', `${m.settings.theme}: ${m.settings[theme.dark ? 'light' : 'dark']}`, () =>
        theme.choose(theme.dark ? 'light' : 'dark'),
      ),
      act('language', i18n.language === 'ko' ? 'English' : '한국어', () =>
        i18n.choose(i18n.language === 'ko' ? 'en' : 'ko'),
      ),
      act('settings', m.settings.title, () => router.go('/settings')),
      act('shortcuts', m.palette.shortcuts, () => this.open('shortcuts')),
      act('sign-out', m.settings.signOut, () => void session.leave()),
    ];
  }

  /** Of the settings, those that are there for whoever looks. */
  private sections(): Place[] {
    const m = i18n.m.settings;
    const { role, operator } = session.identity ?? {};
    const all = { page: m.page, quota: m.quota.title, costs: m.costs.title, nats: m.nats.title };
    const ofAdmins = { tokens: m.tokens.title, members: m.members.title, hooks: m.hooks.title, trail: m.trail.title };
    const ofOperators = { tenants: m.tenants.title };
    const shown = { ...all, ...(role === 'admin' && { ...ofAdmins, ...(operator && ofOperators) }) };
    return Object.entries(shown).map(([id, text]) => ({
      id: `set-${id}`,
      kind: m.title,
      text,
      beside: '',
      go: () => router.go(`/settings#set-${id}`),
    }));
  }
}
