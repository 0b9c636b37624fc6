// Models that people have named: read once, and again when the log says that one has changed.
import { explain } from '../lib/api';
import { foldModel } from '../live/fold/model';
import { subjectId, type PublicEvent } from '../live/events';
import type { AliasMoved, Changed, RegistryAnswer, RegistryList, SampleList, VersionRegistered } from '../wire/api';
import type { ModelRow } from '../wire/rows';
import { Activity } from './activity.svelte';
import { session } from './session.svelte';

const ROWS = 200;
const SAMPLES = 60;

/** Most recently changed first. */
export class Models {
  rows = $state.raw<ReadonlyMap<string, ModelRow> | null>(null);
  problem = $state<{ message: string; nextStep: string } | null>(null);
  private early: PublicEvent[] = [];
  private activity = new Activity((event) => this.take(event));

  readonly list = $derived([...(this.rows?.values() ?? [])].sort((a, b) => b.sequence - a.sequence));

  follow(): () => void {
    void this.read();
    return this.activity.follow();
  }

  async read(): Promise<void> {
    this.problem = null;
    try {
      const { models } = await session.api.get<RegistryList>('/v1/registry', { limit: ROWS });
      this.rows = new Map(models.map((row) => [row.id, row]));
      this.early.splice(0).forEach((event) => this.take(event));
    } catch (error) {
      this.problem = explain(error);
    }
  }

  private take(event: PublicEvent): void {
    if (!event.kind.startsWith('model.')) return;
    if (!this.rows) {
      this.early.push(event);
      return;
    }
    const id = subjectId(event);
    const before = this.rows.get(id) ?? null;
    const after = foldModel(before, event);
    if (after && after !== before) this.rows = new Map(this.rows).set(id, after);
  }
}

/** One, with who uses it: read again when the log says that this may have changed. */
export class NamedModel {
  value = $state.raw<RegistryAnswer | null>(null);
  problem = $state<{ message: string; nextStep: string } | null>(null);
  /** Of the newest event that it was read for. */
  private wanted = 0;
  private activity = new Activity((event) => this.take(event));

  constructor(private readonly name: string) {}

  follow(): () => void {
    void this.read();
    return this.activity.follow();
  }

  async read(waitFor: number | null = null): Promise<void> {
    try {
      this.value = await session.api.get<RegistryAnswer>(of(this.name), { wait_for: waitFor });
      this.problem = null;
    } catch (error) {
      this.problem = explain(error);
    }
  }

  private take({ kind, sequence }: PublicEvent): void {
    const concerns = kind.startsWith('model.') || kind.startsWith('endpoint.');
    if (!concerns || sequence <= this.wanted) return;
    this.wanted = sequence;
    void this.read(sequence);
  }
}

function of(name: string): string {
  return `/v1/registry/${encodeURIComponent(name)}`;
}

/** Where the images are that the model was asked about and that are kept. */
export function samplesOf(name: string): string {
  return `${of(name)}/samples`;
}

/** The newest of them: as many as a page shows. */
export function keptOf(name: string): Promise<SampleList> {
  return session.api.get<SampleList>(samplesOf(name), { limit: SAMPLES });
}

/** Has a share of what it is asked about kept, from 0 to 1. */
export function keepSamples(name: string, share: number): Promise<Changed> {
  return session.api.put(`${of(name)}/sampling`, { share });
}

export function forgetSamples(name: string): Promise<Changed> {
  return session.api.delete(samplesOf(name));
}

/** Makes a finished job's model the next version of `name`. */
export function register(name: string, job: string): Promise<VersionRegistered> {
  return session.api.post<VersionRegistered>(`${of(name)}/versions`, { job });
}

/** Has an alias name a version; without one, the version that it named before. */
export function promote(name: string, alias: string, version: number | null): Promise<AliasMoved> {
  const at = `${of(name)}/aliases/${encodeURIComponent(alias)}`;
  return version === null ? session.api.post(`${at}/rollback`) : session.api.put(at, { version });
}

export function unalias(name: string, alias: string): Promise<Changed> {
  return session.api.delete(`${of(name)}/aliases/${encodeURIComponent(alias)}`);
}

/** Puts a version away, or takes it out again. */
export function archive(name: string, version: number, archived: boolean): Promise<Changed> {
  return session.api.post(`${of(name)}/versions/${version}/${archived ? 'archive' : 'restore'}`);
}
