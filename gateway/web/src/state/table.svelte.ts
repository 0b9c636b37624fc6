// How somebody wants the table of jobs: its columns, and the views that were kept. It stays in the browser.
import { column, FIXED_COLUMN, USUAL } from '../lib/job-columns';

const COLUMNS = 'trainyard.jobs.columns';
const VIEWS = 'trainyard.jobs.views';
const VIEWS_MAX = 50;
const PINNED = 'trainyard.jobs.pinned';
const PINNED_MAX = 20;

/** A filter with its order, as the address has them, and columns. */
export interface View {
  name: string;
  search: string;
  columns: string[];
}

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

  show(id: string, on: boolean): void {
    this.choose(on ? [...this.columns, id] : this.columns.filter((one) => one !== id));
  }

  choose(ids: readonly string[]): void {
    this.columns = known(ids);
    localStorage.setItem(COLUMNS, JSON.stringify(this.columns));
  }

  /** Of too many, the one that has been there longest goes. */
  pin(id: string, on: boolean): void {
    const others = this.pinned.filter((one) => one !== id);
    this.pinned = on ? [...others, id].slice(-PINNED_MAX) : others;
    localStorage.setItem(PINNED, JSON.stringify(this.pinned));
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
    localStorage.setItem(VIEWS, JSON.stringify(views));
  }
}

export const table = new Table();
