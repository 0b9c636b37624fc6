// The pages by their addresses, each in a file of its own that is read when somebody goes there.
import type { Component } from 'svelte';

type Loaded = Promise<{ default: Component<Record<string, unknown>> }>;

/** A page, and what of the address it is about. */
export interface Found {
  page: keyof typeof PAGES;
  props: Record<string, unknown>;
  /** A page of another thing begins anew. */
  key: string;
}

export const PAGES = {
  home: () => import('./routes/Home.svelte') as unknown as Loaded,
  talk: () => import('./routes/Talk.svelte') as unknown as Loaded,
  jobs: () => import('./routes/Jobs.svelte') as unknown as Loaded,
  job: () => import('./routes/Job.svelte') as unknown as Loaded,
  compare: () => import('./routes/Compare.svelte') as unknown as Loaded,
  events: () => import('./routes/Events.svelte') as unknown as Loaded,
  fleet: () => import('./routes/Fleet.svelte') as unknown as Loaded,
  datasets: () => import('./routes/Datasets.svelte') as unknown as Loaded,
  dataset: () => import('./routes/Dataset.svelte') as unknown as Loaded,
  models: () => import('./routes/Models.svelte') as unknown as Loaded,
  model: () => import('./routes/Model.svelte') as unknown as Loaded,
  settings: () => import('./routes/Settings.svelte') as unknown as Loaded,
  try: () => import('./routes/Try.svelte') as unknown as Loaded,
  nothing: () => import('./routes/NotFound.svelte') as unknown as Loaded,
};

export function pageOf(parts: readonly string[]): Found {
  const [name, thing] = parts;
  const found = (page: Found['page'], props = {}, key = ''): Found => ({ page, props, key });
  if (name === undefined) return found('home');
  if (parts.length > 2) return found('nothing');
  if (name === 'talk') return found('talk', { id: thing ?? null });
  if (name === 'try') return found('try', { reference: thing ?? null });
  if (name === 'jobs' && thing === 'compare') return found('compare');
  if (thing === undefined) return LISTS.includes(name) ? found(name as Found['page']) : found('nothing');
  if (name === 'jobs') return found('job', { reference: thing }, thing);
  if (name === 'datasets') return found('dataset', { id: thing }, thing);
  return name === 'models' ? found('model', { name: thing }, thing) : found('nothing');
}

const LISTS: readonly string[] = ['jobs', 'events', 'fleet', 'datasets', 'models', 'settings'];
