// What the gateway finds beyond what the page has: asked once somebody pauses, and only the newest question has an answer.
import { i18n } from '../i18n/i18n.svelte';
import { ApiError, explain } from '../lib/api';
import type { ChatList, DatasetList, JobAnswer, JobList, RegistryList } from '../wire/api';
import { ofChat, ofDataset, ofEvents, ofJob, ofModel, type Place } from './place';
import { session } from './session.svelte';

const LEAST_LETTERS = 2;
const PAUSE_MS = 200;
/** Of each kind. */
const FOUND = 8;

export class Search {
  found = $state.raw<readonly Place[]>([]);
  busy = $state(false);
  /** Why there may be more than is shown. */
  problem = $state('');
  private question = '';
  private timer: ReturnType<typeof setTimeout> | null = null;

  /** With every letter that is typed. */
  ask(text: string): void {
    if (this.timer !== null) clearTimeout(this.timer);
    const wanted = text.trim();
    if (wanted === this.question) return;
    [this.question, this.problem, this.busy] = [wanted, '', wanted.length >= LEAST_LETTERS];
    this.found = this.busy ? [ofEvents(wanted)] : [];
    this.timer = this.busy ? setTimeout(() => void this.read(wanted), PAUSE_MS) : null;
  }

  private async read(q: string): Promise<void> {
    const { api } = session;
    const list = <T>(path: string, more: object = {}) => api.get<T>(path, { q, limit: FOUND, ...more });
    const answers = await Promise.allSettled([
      numbered(q),
      list<JobList>('/v1/jobs').then(({ jobs }) => jobs.map(ofJob)),
      list<DatasetList>('/v1/datasets').then(({ datasets }) => datasets.map(ofDataset)),
      list<RegistryList>('/v1/registry').then(({ models }) => models.map(ofModel)),
      list<ChatList>('/v1/chats', { spoken: 'true' }).then(({ chats }) => chats.map(ofChat)),
    ]);
    // Somebody has typed on: what was found is not what is looked for any more.
    if (q !== this.question) return;
    this.busy = false;
    const failed = answers.find((one) => one.status === 'rejected');
    this.problem = failed ? told(failed.reason) : '';
    const places = answers.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
    this.found = [...places, ofEvents(q)];
  }
}

/** The job of that number, which many others have in theirs. */
async function numbered(q: string): Promise<Place[]> {
  const [, number] = /^#?(\d{1,15})$/.exec(q) ?? [];
  if (number === undefined) return [];
  try {
    const { job } = await session.api.get<JobAnswer>(`/v1/jobs/${number}`);
    return [ofJob(job)];
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return [];
    throw error;
  }
}

const told = (error: unknown): string =>
  error instanceof ApiError && error.status === 0 ? i18n.m.palette.offline : explain(error).message;

/** What is near, and then what the gateway has found besides. */
export function merged(near: readonly Place[], found: readonly Place[]): Place[] {
  return [...new Map([...near, ...found].map((place) => [place.id, place])).values()];
}
