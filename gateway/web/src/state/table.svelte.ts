// How somebody wants the table of jobs: its columns, the views that were kept, and what is pinned. It is kept with the account; the
// browser has a copy, so that the page need not wait for it.
import { i18n } from '../i18n/i18n.svelte';
import { column, FIXED_COLUMN, USUAL } from '../lib/job-columns';
import type { Preferences, PreferencesAnswer, SavedView } from '../wire/api';
import { session } from './session.svelte';
import { toasts } from './toasts.svelte';

const COLUMNS = 'trainyard.jobs.columns';
const VIEWS = 'trainyard.jobs.views';
const VIEWS_MAX = 50;
const PINNED = 'trainyard.jobs.pinned';
const PINNED_MAX = 20;
/** Whose copy the browser has. */
const OWNER = 'trainyard.jobs.account';

/** Several changes in a row are told together. */
const TOLD_AFTER_MS = 300;

export type View = SavedView;

/** What is not there, or what something else has written, is nothing. */
function stored<T>(key: string, is: (value: unknown) => value is T): T[] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(key) ?? '[]');
    return Array.isArray(found) ? found.filter(is) : [];
  } catch {
    return [];
  }
}

const isText = (value: unknown): value is string => typeof value === 'string';
function isView(value: unknown): value is View {
  const view = value as Partial<View> | null;
  return isText(view?.name) && isText(view.search) && Array.isArray(view.columns) && view.columns.every(isText);
}

/** Those that there are, each once, and the one that leads to the job. */
function known(ids: readonly string[]): string[] {
  const found = [...new Set(ids)].filter((id) => column(id));
  return found.length === 0 ? USUAL : found.includes(FIXED_COLUMN) ? found : [FIXED_COLUMN, ...found];
}

class Table {
  columns = $state.raw<readonly string[]>(known(stored(COLUMNS, isText)));
  views = $state.raw<readonly View[]>(stored(VIEWS, isView));
  /** Ids of jobs that stand above all others. */
  pinned = $state.raw<readonly string[]>(stored(PINNED, isText));
  /** Somebody has changed something that the account does not have. */
  private changed = false;
  private timer: ReturnType<typeof setTimeout> | null = null;

  /** As the account has it, unless something was changed here since; where it has nothing, it gets what the browser has. */
  async read(): Promise<void> {
    this.leave();
    const { preferences } = await session.api.get<PreferencesAnswer>('/v1/preferences');
    if (this.changed) return this.tell();
    if (preferences) this.take(preferences);
    else if (this.views.length || this.pinned.length || this.columns.join() !== USUAL.join()) await this.tell();
  }

  /** What somebody else has left in this browser is theirs, also what could not be told. */
  private leave(): void {
    const left = localStorage.getItem(OWNER);
    if (left !== null && left !== session.account) {
      if (this.timer) clearTimeout(this.timer);
      this.changed = false;
      this.take({ columns: USUAL, views: [], pinned: [] });
    }
    localStorage.setItem(OWNER, session.account);
  }

  private take({ columns, views, pinned }: Preferences): void {
    [this.columns, this.views, this.pinned] = [known(columns), views, pinned];
    this.copy();
  }

  private copy(): void {
    localStorage.setItem(COLUMNS, JSON.stringify(this.columns));
    localStorage.setItem(VIEWS, JSON.stringify(this.views));
    localStorage.setItem(PINNED, JSON.stringify(this.pinned));
  }

  /** The browser has it at once, the account a moment later. */
  private kept(): void {
    this.copy();
    this.changed = true;
    if (this.timer) clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.tell().catch(() => toasts.show(i18n.m.table.notKept, 'bad'));
    }, TOLD_AFTER_MS);
  }

  private async tell(): Promise<void> {
    this.changed = false;
    const { columns, views, pinned } = this;
    try {
      await session.api.put<PreferencesAnswer>('/v1/preferences', { columns, views, pinned });
    } catch (error) {
      this.changed = true;
      throw error;
    }
  }

  show(id: string, on: boolean): void {
    this.choose(on ? [...this.columns, id] : this.columns.filter((one) => one !== id));
  }

  choose(ids: readonly string[]): void {
    this.columns = known(ids);
    this.kept();
  }

  /** Of too many, the one that has been there longest goes. */
  pin(id: string, on: boolean): void {
    const others = this.pinned.filter((one) => one !== id);
    this.pinned = on ? [...others, id].slice(-PINNED_MAX) : others;
    this.kept();
  }

  /** One of the same name is replaced; of too many, the oldest goes. */
  keep(name: string, search: string): void {
    const view = { name, search, columns: [...this.columns] };
    this.store([...this.views.filter((one) => one.name !== name), view].slice(-VIEWS_MAX));
  }

  forget(name: string): void {
    this.store(this.views.filter((one) => one.name !== name));
  }

  private store(views: readonly View[]): void {
    this.views = views;
    this.kept();
  }
}

export const table = new Table();
