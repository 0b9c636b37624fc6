// Everything that can be gone to or done from anywhere: pages, jobs, datasets, models, conversations, workers, and a few acts.
import { i18n } from '../i18n/i18n.svelte';
import { explain } from '../lib/api';
import { firstLine } from '../lib/conversation';
import { tail } from '../lib/format';
import type { Entry } from '../lib/palette';
import type { ChatList } from '../wire/api';
import type { ChatRow } from '../wire/rows';
import { catalog } from './catalog.svelte';
import { fleet } from './fleet.svelte';
import { jobs } from './jobs.svelte';
import { Models } from './models.svelte';
import { router } from './router.svelte';
import { session } from './session.svelte';
import { theme } from './theme.svelte';

export interface Place extends Entry {
  go: () => void;
}

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
    ...this.ofJobs(),
    ...this.ofDatasets(),
    ...this.ofModels(),
    ...this.ofChats(),
    ...this.ofWorkers(),
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

  private ofJobs(): Place[] {
    const m = i18n.m;
    return jobs.list.slice(0, JOBS).map((row) => ({
      id: row.id,
      kind: m.job.job,
      text: `${m.job.job} ${row.number} ${row.annotation.title}`.trim(),
      beside: [row.config.model, tail(row.config.dataset), m.status[row.status], ...row.annotation.tags].join(' · '),
      go: () => router.go(`/jobs/${row.number}`),
    }));
  }

  private ofDatasets(): Place[] {
    return catalog.datasets.map((row) => ({
      id: row.id,
      kind: i18n.m.job.dataset,
      text: row.path,
      beside: '',
      go: () => router.go(`/datasets/${row.id}`),
    }));
  }

  private ofModels(): Place[] {
    return this.models.list.map((row) => ({
      id: row.id,
      kind: i18n.m.column.model,
      text: row.name,
      beside: Object.keys(row.aliases).join(' '),
      go: () => router.go(`/models/${encodeURIComponent(row.name)}`),
    }));
  }

  private ofChats(): Place[] {
    return this.chats.map((row) => ({
      id: row.id,
      kind: i18n.m.nav.talk,
      text: firstLine(row.title) || i18n.m.talk.untitled,
      beside: '',
      go: () => router.go(`/talk/${row.id}`),
    }));
  }

  private ofWorkers(): Place[] {
    return fleet.workers.map(({ worker, device }) => ({
      id: `worker-${worker}`,
      kind: i18n.m.column.worker,
      text: worker,
      beside: device,
      go: () => router.go('/fleet'),
    }));
  }
}
