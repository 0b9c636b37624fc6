// The language in which jobs are asked for: `status:failed model:resnet18 accuracy>0.9 -digits`, in either language. Pure.
import { names as en } from '../i18n/names/en';
import { names as ko } from '../i18n/names/ko';
import type { JobRow, JobStatus } from '../wire/rows';
import { ALL_FIELDS, shown, type Field } from './config';
import { elapsed, isShare } from './format';

const OPERATORS = ['>=', '<=', '!=', ':', '>', '<', '='] as const;
export type Operator = (typeof OPERATORS)[number];

export interface Term {
  /** As it was written; null is text anywhere. */
  field: string | null;
  operator: Operator;
  value: string;
  not: boolean;
}

const TOKEN = /(-)?(?:([\p{L}_][\p{L}\p{N}_-]*)(>=|<=|!=|:|>|<|=))?(?:"([^"]*)"?|(\S+))/gu;

export function parse(text: string): Term[] {
  return [...text.matchAll(TOKEN)].map(([, not, field, operator, quoted, bare]) => ({
    field: field ?? null,
    operator: (operator ?? ':') as Operator,
    value: quoted ?? bare ?? '',
    not: not === '-',
  }));
}

const plain = (word: string) => word.toLowerCase().replaceAll(' ', '').replaceAll('_', '');

/** What else each field is called. */
const NAMES: Record<string, string[]> = {
  number: ['job', en.column.number, ko.column.number, '작업'],
  status: [en.column.status, ko.column.status],
  worker: [en.column.worker, ko.column.worker],
  took: [en.column.took, ko.column.took, 'duration'],
  failure: [en.column.failure, ko.column.failure],
  title: [en.column.title, ko.column.title],
  tags: ['tag', en.column.tags, ko.column.tags],
  owner: [en.column.owner, ko.column.owner],
  is: [],
  ...Object.fromEntries(ALL_FIELDS.map((field) => [field, [en.field[field]!, ko.field[field]!]])),
};
const CANONICAL = new Map(
  Object.entries(NAMES).flatMap(([id, names]) => [id, ...names].map((name) => [plain(name), id] as const)),
);

export const STATUSES = Object.keys(en.status).filter((status) => status !== 'unreachable') as JobStatus[];

/** The field that is meant: one of a job, or null where it can only be a measurement. */
export const fieldOf = (written: string): string | null => CANONICAL.get(plain(written)) ?? null;

/** The measurement that is meant by its name, by a part of it from the front, or by its words. */
export function measurementOf(written: string, names: readonly string[]): string | null {
  const wanted = plain(written);
  const called = (name: string) => [name, en.measure[name] ?? name, ko.measure[name] ?? name].map(plain);
  return (
    names.find((name) => called(name).includes(wanted)) ??
    names.find((name) => called(name).some((word) => word.startsWith(wanted))) ??
    null
  );
}

/** Those that name nothing that there is. */
export function unknown(terms: readonly Term[], measurements: readonly string[]): string[] {
  return terms.flatMap(({ field }) => (field && !fieldOf(field) && !measurementOf(field, measurements) ? [field] : []));
}

/** `is:archived`, in either language. */
function isArchivedTerm({ field, value }: Term): boolean {
  const said = ['archived', en.archived, ko.archived].map(plain);
  return field !== null && fieldOf(field) === 'is' && said.includes(plain(value));
}

/** Whether jobs that were put away are asked for: else they are left out. */
export const asksArchived = (terms: readonly Term[]): boolean =>
  terms.some((term) => !term.not && isArchivedTerm(term));

/** Whether a job is asked for: all that is said has to be so of it. */
export function isAsked(row: JobRow, terms: readonly Term[], now: number): boolean {
  if (row.annotation.archived && !asksArchived(terms)) return false;
  return terms.every((term) => isSo(row, term, now) !== term.not);
}

function isSo(row: JobRow, term: Term, now: number): boolean {
  if (term.field === null) return anywhere(row).includes(term.value.toLowerCase());
  const field = fieldOf(term.field);
  if (field === 'status') return compareWords([row.status, en.status[row.status], ko.status[row.status]], term);
  if (field === 'number') return compareNumbers(row.number, Number(term.value.replace(/^#/, '')), term.operator);
  if (field === 'took') return compareNumbers(elapsed(row, now), milliseconds(term.value), term.operator);
  if (field === 'worker') return compareWords(row.worker ? [row.worker] : [], term);
  if (field === 'failure') return compareWords(failureWords(row), term);
  if (field === 'title') return compareWords(row.annotation.title ? [row.annotation.title] : [], term);
  if (field === 'tags') return compareWords(row.annotation.tags, term);
  if (field === 'owner') return compareWords(row.owner ? [row.owner] : [], term);
  if (field === 'is') return isArchivedTerm(term) && row.annotation.archived;
  if (field) return ofConfig(row, field as Field, term);
  const values = row.best ?? row.last ?? {};
  const name = measurementOf(term.field, Object.keys(values));
  return name !== null && compareNumbers(values[name]!, share(name, term.value), term.operator);
}

function failureWords({ failure }: JobRow): string[] {
  if (!failure) return [];
  return [failure.class, en.failure[failure.class], ko.failure[failure.class], failure.message];
}

function ofConfig(row: JobRow, field: Field, term: Term): boolean {
  const value = row.config[field];
  if (typeof value === 'number') return compareNumbers(value, Number(term.value), term.operator);
  const words = [en, ko].map((m) => shown(m, field, value));
  return compareWords(value === null || value === undefined ? words : [String(value), ...words], term);
}

/** The words that the gateway searches, put together as it does. */
export function anywhere(row: JobRow): string {
  const { task, model, dataset } = row.config;
  const { title, tags } = row.annotation;
  const words = [`#${row.number}`, title, ...tags, row.status, row.owner, row.worker, task, model, dataset];
  return words
    .filter((word) => word !== null && word !== '')
    .join(' ')
    .toLowerCase();
}

function compareWords(words: readonly string[], { operator, value }: Term): boolean {
  const wanted = plain(value);
  const [equal, part] = [
    words.some((word) => plain(word) === wanted),
    words.some((word) => plain(word).includes(wanted)),
  ];
  if (operator === '!=') return !equal;
  return operator === '=' ? equal : operator === ':' && part;
}

function compareNumbers(value: number | null, wanted: number, operator: Operator): boolean {
  if (value === null || Number.isNaN(wanted)) return false;
  if (operator === '>') return value > wanted;
  if (operator === '<') return value < wanted;
  if (operator === '>=') return value >= wanted;
  if (operator === '<=') return value <= wanted;
  const equal = Math.abs(value - wanted) <= Math.abs(wanted) * 1e-9;
  return operator === '!=' ? !equal : equal;
}

/** `90%`, and of a share also `90`, is 0.9. */
function share(name: string, text: string): number {
  const number = Number(text.replace(/%$/, ''));
  return text.endsWith('%') || (isShare(name) && number > 1) ? number / 100 : number;
}

const UNITS: Record<string, number> = { s: 1, 초: 1, m: 60, 분: 60, h: 3_600, 시간: 3_600, d: 86_400, 일: 86_400 };

/** `90`, `90s`, `5m`, `2시간`; NaN where it is none. */
export function milliseconds(text: string): number {
  const [, digits, unit] = /^([\d.]+)\s*([a-z]*|[가-힣]*)$/u.exec(text.toLowerCase()) ?? [];
  const seconds = unit === undefined ? NaN : unit === '' ? 1 : (UNITS[unit] ?? NaN);
  return Number(digits) * seconds * 1_000;
}

/** Fields whose words the gateway searches. */
const SEARCHED = ['model', 'dataset', 'worker', 'title', 'tags', 'owner'];

/** What the gateway can look for, so that it need not send every job: the longest word of those that have to be there. */
export function narrowed(terms: readonly Term[]): { q: string; status: JobStatus[] } {
  const has = terms.filter((term) => !term.not);
  const words = has
    .filter((term) => term.field === null || SEARCHED.includes(fieldOf(term.field) ?? ''))
    .filter((term) => term.operator === ':' || term.operator === '=')
    // Names of our own language are not what the gateway has, but for those that people have given.
    .filter(
      ({ field, value }) => ['title', 'tags', 'owner'].includes(fieldOf(field ?? '') ?? '') || !/[가-힣_]/.test(value),
    )
    .map((term) => term.value);
  const status = has.filter((term) => term.field !== null && fieldOf(term.field) === 'status');
  const wanted = status[0] && STATUSES.filter((one) => isSo({ status: one } as JobRow, status[0]!, 0));
  return { q: words.sort((a, b) => b.length - a.length)[0] ?? '', status: wanted ?? [] };
}
