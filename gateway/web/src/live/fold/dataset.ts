// Folds events into the row of a dataset, as the projections do.
import { isDatasetEvent, subjectId, type DatasetEvent, type PublicEvent } from '../events';
import type { DatasetRow } from '../../wire/rows';

/** An answer to an older registration, or a second one to the same, changes nothing. */
export function foldDataset(row: DatasetRow | null, event: PublicEvent): DatasetRow | null {
  if (!isDatasetEvent(event) || (row && event.sequence <= row.sequence)) return row;
  if (event.kind === 'dataset.registered') {
    return {
      tenant: event.tenant,
      id: subjectId(event),
      path: event.body.path,
      source: event.body.remote ?? event.body.source ?? { from: 'path' },
      task: event.body.task,
      status: 'pending',
      inspection: event.sequence,
      profile: null,
      artifacts: [],
      versions: row?.versions ?? [],
      tags: row?.tags ?? {},
      archived: row?.archived ?? false,
      problem: null,
      next_step: null,
      because: [],
      advice: [],
      report: [],
      bad_files: 0,
      registered_at: row?.registered_at ?? event.at,
      at: event.at,
      quarantine: null,
      sequence: event.sequence,
    };
  }
  const changed = row && changeOf(row, event);
  return changed ? { ...row, ...changed, at: event.at, sequence: event.sequence } : row;
}

type DatasetChange = Exclude<DatasetEvent, { kind: 'dataset.registered' }>;

/** What is other after the event; null if it does not count. */
function changeOf(row: DatasetRow, event: DatasetChange): Partial<DatasetRow> | null {
  const isPending = (inspection: number) => row.status === 'pending' && row.inspection === inspection;
  switch (event.kind) {
    case 'dataset.validated': {
      const { inspection, profile, artifacts = [], version } = event.body;
      if (!isPending(inspection)) return null;
      const isNew = version && version.number > (row.versions.at(-1)?.number ?? 0);
      const versions = isNew ? [...row.versions, version] : row.versions;
      return { status: 'valid', profile, artifacts, versions };
    }
    case 'dataset.rejected': {
      const { inspection, problem, next_step, report, bad_files, because = [], advice = [] } = event.body;
      if (!isPending(inspection)) return null;
      return { status: 'rejected', problem, next_step, because, advice, report, bad_files };
    }
    case 'dataset.tagged':
      return { tags: { ...row.tags, [event.body.tag]: event.body.version } };
    case 'dataset.untagged':
      return { tags: tagsWhere(row, (tag) => tag !== event.body.tag) };
    case 'dataset.archived':
      return { archived: true };
    case 'dataset.restored':
      return { archived: false };
    case 'dataset.deleted':
      return lose(row, event.body.versions, event.body.whole ?? false);
  }
}

function tagsWhere(row: DatasetRow, stays: (tag: string, version: number) => boolean): DatasetRow['tags'] {
  return Object.fromEntries(Object.entries(row.tags).filter(([tag, version]) => stays(tag, version)));
}

function lose(row: DatasetRow, gone: readonly number[], whole: boolean): Partial<DatasetRow> {
  const versions = row.versions.filter(({ number }) => !gone.includes(number));
  const tags = tagsWhere(row, (_, version) => !gone.includes(version));
  if (!whole && (versions.length > 0 || row.status === 'pending')) return { versions, tags };
  const nothing = { profile: null, artifacts: [], problem: null, next_step: null, because: [], advice: [], report: [] };
  return { versions, tags, ...nothing, bad_files: 0, status: 'deleted', archived: false, source: { from: 'path' } };
}
