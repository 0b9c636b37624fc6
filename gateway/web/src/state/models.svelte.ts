// Models that people have named: read once, and again when the log says that one has changed.
import { explain } from '../lib/api';
import type { PublicEvent } from '../live/events';
import type { AliasMoved, Changed, RegistryAnswer, RegistryList, VersionRegistered } from '../wire/api';
import type { ModelRow } from '../wire/rows';
import { Activity } from './activity.svelte';
import { session } from './session.svelte';

const ROWS = 200;

/** What is read of the registry. */
class Read<T> {
  value = $state.raw<T | null>(null);
  problem = $state<{ message: string; nextStep: string } | null>(null);
  /** Of the newest event that it was read for. */
  private wanted = 0;
  private activity = new Activity((event) => this.take(event));

  constructor(private readonly ask: (waitFor: number | null) => Promise<T>) {}

  follow(): () => void {
    void this.read(null);
    return this.activity.follow();
  }

  async read(waitFor: number | null): Promise<void> {
    try {
      this.value = await this.ask(waitFor);
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

export class Models extends Read<readonly ModelRow[]> {
  constructor() {
    const list = async (wait_for: number | null) =>
      (await session.api.get<RegistryList>('/v1/registry', { limit: ROWS, wait_for })).models;
    super(list);
  }
}

export class NamedModel extends Read<RegistryAnswer> {
  constructor(name: string) {
    super((wait_for) => session.api.get<RegistryAnswer>(of(name), { wait_for }));
  }
}

function of(name: string): string {
  return `/v1/registry/${encodeURIComponent(name)}`;
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
