// Folds events into the row of a model that people have named, as the projections do.
import { isModelEvent, subjectId, type ModelEvent, type PublicEvent } from '../events';
import type { ModelRow } from '../../wire/rows';

/** A model begins with its first version. */
export function foldModel(row: ModelRow | null, event: PublicEvent): ModelRow | null {
  if (!isModelEvent(event) || (row && event.sequence <= row.sequence)) return row;
  if (!row && event.kind !== 'model.registered') return null;
  const begun = { tenant: event.tenant, id: subjectId(event), registered_at: event.at, quarantine: null };
  const name = event.kind === 'model.registered' ? event.body.name : '';
  const before: ModelRow = row ?? {
    ...begun,
    name,
    versions: [],
    aliases: {},
    sampling: 0,
    samples_deleted_at: null,
    at: event.at,
    sequence: 0,
  };
  return { ...before, ...modelChange(before, event), at: event.at, sequence: event.sequence };
}

function modelChange({ versions, aliases }: ModelRow, event: ModelEvent): Partial<ModelRow> {
  switch (event.kind) {
    case 'model.registered': {
      const { version: number, card } = event.body;
      return { versions: [...versions, { number, card, archived: false, registered_at: event.at }] };
    }
    case 'model.aliased': {
      const { alias, version, former = null } = event.body;
      return { aliases: { ...aliases, [alias]: { version, former, since: event.at } } };
    }
    case 'model.alias_removed':
      return { aliases: Object.fromEntries(Object.entries(aliases).filter(([alias]) => alias !== event.body.alias)) };
    case 'model.sampling_set':
      return { sampling: event.body.share };
    case 'model.samples_deleted':
      return { samples_deleted_at: event.at };
    case 'model.archived':
    case 'model.restored': {
      const archived = event.kind === 'model.archived';
      return {
        versions: versions.map((one) => (one.number === event.body.version ? { ...one, archived } : one)),
      };
    }
  }
}
