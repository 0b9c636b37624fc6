// What can be written next in the language of `job-filter`: fields first, then the values that jobs have. Pure.
import type { Messages } from '../i18n/en';
import type { JobRow } from '../wire/rows';
import { fieldOf, measurementOf, STATUSES } from './job-filter';

export interface Hint {
  /** What is put in the place of the word at the cursor. */
  text: string;
  /** What it means. */
  what: string;
}

const HINTS = 8;

/** From where to where the word goes that the cursor is in or after. */
export function wordAt(text: string, cursor: number): [number, number] {
  let from = 0;
  let quoted = false;
  for (let at = 0; at < cursor; at += 1) {
    if (text[at] === '"') quoted = !quoted;
    else if (text[at] === ' ' && !quoted) from = at + 1;
  }
  const space = text.indexOf(' ', cursor);
  return [from, quoted || space < 0 ? Math.max(cursor, quoted ? text.length : cursor) : space];
}

/** One word, even if it has spaces in it. */
const quoted = (value: string) => (/[\s"]/.test(value) ? `"${value.replaceAll('"', '')}"` : value);

/** How a field is written in the language of the page. */
const key = (name: string) => name.replaceAll(' ', '');

export function hints(word: string, rows: readonly JobRow[], measurements: readonly string[], m: Messages): Hint[] {
  const not = word.startsWith('-') ? '-' : '';
  const bare = word.slice(not.length);
  const [, written, operator, begun] = /^([\p{L}_][\p{L}\p{N}_-]*)(>=|<=|!=|:|>|<|=)(.*)$/u.exec(bare) ?? [];
  if (written === undefined) return fields(not, bare, measurements, m);
  const value = begun!.replaceAll('"', '').toLowerCase();
  return values(written, rows, measurements, m)
    .filter((one) => one.text.toLowerCase().includes(value))
    .slice(0, HINTS)
    .map((one) => ({ text: `${not}${written}${operator}${quoted(one.text)} `, what: one.what }));
}

function fields(not: string, begun: string, measurements: readonly string[], m: Messages): Hint[] {
  const wanted = begun.toLowerCase();
  const of = (name: string, operator: string, what: string, id: string) => ({
    text: `${not}${key(name)}${operator}`,
    what,
    found: [name, id].some((word) => key(word).toLowerCase().startsWith(wanted)),
  });
  const h = m.filter.what;
  return [
    of(m.column.status, ':', h.status, 'status'),
    of(m.column.model, ':', h.model, 'model'),
    of(m.column.dataset, ':', h.dataset, 'dataset'),
    ...measurements.map((name) => of(m.measure[name] ?? name, '>', h.measurement, name)),
    of(m.column.tags, ':', h.tags, 'tag'),
    of(m.column.title, ':', h.title, 'title'),
    of(m.column.owner, ':', h.owner, 'owner'),
    of('is', ':', h.is, 'is'),
    of(m.column.worker, ':', h.worker, 'worker'),
    of(m.field['task']!, ':', h.task, 'task'),
    of(m.column.took, '>', h.took, 'took'),
    of(m.column.failure, ':', h.failure, 'failure'),
    of(m.field['learning_rate']!, '<', h.value, 'learning_rate'),
    of(m.field['epochs']!, '>', h.value, 'epochs'),
  ]
    .filter((one) => one.found)
    .slice(0, HINTS)
    .map(({ text, what }) => ({ text, what }));
}

/** What jobs have there, the most frequent first. */
function values(written: string, rows: readonly JobRow[], measurements: readonly string[], m: Messages): Hint[] {
  const field = fieldOf(written);
  if (field === 'status') return STATUSES.map((status) => ({ text: m.status[status], what: '' }));
  if (field === 'task') return Object.values(m.task).map((text) => ({ text, what: '' }));
  if (field === 'took') {
    const [, minutes, hours, days] = m.timeUnits;
    return [`10${minutes}`, `1${hours}`, `1${days}`].map((text) => ({ text: key(text), what: '' }));
  }
  if (field === 'is') return [{ text: m.filter.archived, what: '' }];
  if (field === 'failure') return Object.values(m.job.failure).map((text) => ({ text, what: '' }));
  if (!field) {
    const name = measurementOf(written, measurements);
    return name ? reached(rows, name) : [];
  }
  const counts = new Map<string, number>();
  for (const row of rows) {
    for (const value of said(row, field)) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a).map(([text, times]) => ({ text, what: m.filter.jobs(times) }));
}

/** What a job has in a field; a tag is a word by itself. */
function said(row: JobRow, field: string): string[] {
  if (field === 'tags') return row.annotation.tags;
  const own: Record<string, string | null> = {
    worker: row.worker,
    owner: row.owner,
    title: row.annotation.title || null,
  };
  const value = field in own ? own[field] : (row.config as unknown as Record<string, unknown>)[field];
  return value === null || value === undefined ? [] : [String(value)];
}

/** Some of the values that jobs have come to: the median, and what the best tenth has. */
function reached(rows: readonly JobRow[], name: string): Hint[] {
  const all = rows.flatMap((row) => (row.best ?? row.last)?.[name] ?? []).sort((a, b) => a - b);
  if (all.length === 0) return [];
  const at = (share: number) => String(Number(all[Math.floor((all.length - 1) * share)]!.toPrecision(2)));
  return [...new Set([at(0.5), at(0.9)])].map((text) => ({ text, what: '' }));
}
