// What a table of jobs can show of each: how it is called, what it is sorted by, and what a spreadsheet gets. Pure.
import type { Messages } from '../i18n/en';
import { spentBy } from '../live/spending';
import type { JobRow } from '../wire/rows';
import { ALL_FIELDS, NUMBERS, shown, type Field } from './config';
import { datasetVersion, elapsed, mainMeasurement, measurement, testMeasurement } from './format';
import { deviceName } from './settled';

export type Value = string | number | null;

export interface Column {
  id: string;
  /** In pixels, at least. */
  width: number;
  right?: boolean;
  /** What it is sorted by, and what a spreadsheet gets; nothing known is null. */
  value: (row: JobRow, now: number) => Value;
}

/** Those that have a cell of their own to draw them. */
const OWN: Column[] = [
  { id: 'number', width: 48, right: true, value: (row) => row.number },
  { id: 'model', width: 96, value: (row) => row.config.model },
  { id: 'dataset', width: 92, value: (row) => row.config.dataset },
  { id: 'status', width: 88, value: (row) => row.status },
  { id: 'progress', width: 92, value: (row) => row.progress },
  { id: 'result', width: 160, right: true, value: (row) => mainMeasurement(row)?.value ?? null },
  { id: 'took', width: 80, right: true, value: (row, now) => elapsed(row, now) },
  { id: 'started', width: 104, right: true, value: (row) => row.started_at },
  { id: 'worker', width: 96, value: (row) => row.worker },
];

/** Those that are there until somebody chooses: together no wider than a window of 1,280 pixels has room for. */
export const USUAL = OWN.map((column) => column.id);
/** The one that is always there: it leads to the job. */
export const FIXED_COLUMN = 'number';

const MORE: Column[] = [
  { id: 'title', width: 160, value: (row) => row.annotation.title || null },
  { id: 'tags', width: 140, value: (row) => row.annotation.tags.join(' ') || null },
  { id: 'owner', width: 110, value: (row) => row.owner },
  { id: 'version', width: 80, right: true, value: datasetVersion },
  { id: 'test', width: 116, right: true, value: (row) => testMeasurement(row)?.value ?? null },
  { id: 'requested', width: 130, right: true, value: (row) => row.requested_at },
  { id: 'best_epoch', width: 100, right: true, value: (row) => row.best_epoch },
  { id: 'device_used', width: 140, value: (row) => row.device },
  {
    id: 'cost',
    width: 110,
    right: true,
    value: (row, now) => (row.spending.currency ? spentBy(row.spending, now).cost / 1_000_000 : null),
  },
  { id: 'failure', width: 130, value: (row) => row.failure?.class ?? null },
];

const SET: Column[] = ALL_FIELDS.filter((field) => field !== 'model' && field !== 'dataset').map((field) => ({
  id: field,
  width: 120,
  right: NUMBERS.includes(field),
  value: (row) => ofConfig(row, field),
}));

function ofConfig(row: JobRow, field: Field): Value {
  const value = row.config[field];
  if (value === undefined || value === null) return null;
  return typeof value === 'number' || typeof value === 'string' ? value : String(value);
}

const MEASURED = 'best:';
export const measuredColumn = (name: string): string => MEASURED + name;
export const measuredName = (id: string): string | null => (id.startsWith(MEASURED) ? id.slice(MEASURED.length) : null);

function ofMeasurement(name: string): Column {
  return {
    id: measuredColumn(name),
    width: 116,
    right: true,
    value: (row) => (row.best ?? row.last)?.[name] ?? null,
  };
}

const BY_ID = new Map([...OWN, ...MORE, ...SET].map((column) => [column.id, column]));

/** The column of this id; what no release knows is left out. */
export function column(id: string): Column | null {
  const name = measuredName(id);
  return name ? ofMeasurement(name) : (BY_ID.get(id) ?? null);
}

/** Every column there is, for jobs that have measured these. */
export const all = (measurements: readonly string[]): Column[] => [
  ...OWN,
  ...MORE,
  ...measurements.map(ofMeasurement),
  ...SET,
];

export function label(m: Messages, id: string): string {
  const name = measuredName(id);
  if (name) return m.measure[name] ?? name;
  return (m.column as Record<string, string>)[id] ?? (m.field as Record<string, string>)[id] ?? id;
}

/** The words of a column without a cell of its own. */
export function words(m: Messages, id: string, row: JobRow): string {
  const name = measuredName(id);
  const value = column(id)?.value(row, 0) ?? null;
  if (name) return value === null ? '–' : measurement(name, value as number);
  if (id === 'test') {
    const test = testMeasurement(row);
    return test ? measurement(test.name, test.value) : '–';
  }
  if (id === 'device_used') return row.device ? deviceName(m, row.device) : '–';
  if (id === 'failure') return row.failure ? (m.job.failure[row.failure.class] ?? row.failure.class) : '–';
  if ((ALL_FIELDS as string[]).includes(id)) return shown(m, id as Field, row.config[id as Field], true);
  return value === null ? '–' : String(value);
}

/** How the gateway calls the order by a column. */
export const serverOrder = (order: string): string => order.replace(MEASURED, '');

/** What jobs can be put together by, each with the words of a job for it: none is nothing known, and tags are several. */
export const GROUPINGS = {
  model: (row: JobRow) => [row.config.model],
  dataset: (row: JobRow) => [row.config.dataset ?? ''],
  status: (row: JobRow) => [row.status],
  owner: (row: JobRow) => [row.owner ?? ''],
  tags: (row: JobRow) => (row.annotation.tags.length ? row.annotation.tags : ['']),
} satisfies Record<string, (row: JobRow) => string[]>;
export type Grouping = keyof typeof GROUPINGS;

/** How a group is called. */
export function groupName(m: Messages, by: Grouping, name: string): string {
  if (!name) return by === 'tags' ? m.table.untagged : m.table.unknown;
  return by === 'status' ? m.status[name as JobRow['status']] : by === 'tags' ? `#${name}` : name;
}

/** Rows put together, the groups in order of their first row; a job with several tags stands in each of them. */
export function grouped(rows: readonly JobRow[], by: Grouping): { name: string; rows: JobRow[] }[] {
  const groups = new Map<string, JobRow[]>();
  for (const row of rows) {
    for (const name of GROUPINGS[by](row)) {
      const group = groups.get(name);
      if (group) group.push(row);
      else groups.set(name, [row]);
    }
  }
  return [...groups].map(([name, rows]) => ({ name, rows }));
}

/** In order of a column; what has nothing in it comes last, whichever way. Equal ones stay newest first. */
export function sorted(rows: readonly JobRow[], by: Column, descending: boolean, now: number): JobRow[] {
  const keys = new Map(rows.map((row) => [row, by.value(row, now)]));
  const way = descending ? -1 : 1;
  return rows.toSorted((a, b) => {
    const [left, right] = [keys.get(a)!, keys.get(b)!];
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    return way * compared(left, right) || b.number - a.number;
  });
}

const NATURAL = new Intl.Collator(undefined, { numeric: true });
function compared(a: string | number, b: string | number): number {
  return typeof a === 'number' && typeof b === 'number' ? a - b : NATURAL.compare(String(a), String(b));
}
