// What each kind of thing is called where one goes to it, and where that leads.
import { i18n } from '../i18n/i18n.svelte';
import { firstLine } from '../lib/conversation';
import { tail } from '../lib/format';
import type { Entry } from '../lib/palette';
import type { ChatRow, DatasetRow, JobRow, ModelRow, WorkerRecord } from '../wire/rows';
import { router } from './router.svelte';

export interface Place extends Entry {
  go: () => void;
}

export const ofJob = (row: JobRow): Place => ({
  id: row.id,
  kind: i18n.m.job.job,
  text: `${i18n.m.job.job} ${row.number} ${row.annotation.title}`.trim(),
  beside: [row.config.model, tail(row.config.dataset), i18n.m.status[row.status], ...row.annotation.tags].join(' · '),
  go: () => router.go(`/jobs/${row.number}`),
});

export const ofDataset = (row: DatasetRow): Place => ({
  id: row.id,
  kind: i18n.m.job.dataset,
  text: row.path,
  beside: '',
  go: () => router.go(`/datasets/${row.id}`),
});

export const ofModel = (row: ModelRow): Place => ({
  id: row.id,
  kind: i18n.m.column.model,
  text: row.name,
  beside: Object.keys(row.aliases).join(' '),
  go: () => router.go(`/models/${encodeURIComponent(row.name)}`),
});

export const ofChat = (row: ChatRow): Place => ({
  id: row.id,
  kind: i18n.m.nav.talk,
  text: firstLine(row.title) || i18n.m.talk.untitled,
  beside: '',
  go: () => router.go(`/talk/${row.id}`),
});

export const ofWorker = ({ worker, device }: WorkerRecord): Place => ({
  id: `worker-${worker}`,
  kind: i18n.m.column.worker,
  text: worker,
  beside: device,
  go: () => router.go('/fleet'),
});

/** The events that have a text in them. */
export const ofEvents = (text: string): Place => ({
  id: 'events-with',
  kind: i18n.m.nav.events,
  text: i18n.m.palette.eventsWith(text),
  beside: '',
  go: () => router.go(`/events?${new URLSearchParams({ q: text })}`),
});
