// What mends a failed job, by why it failed: the values that are worth another try. Pure.
import type { JobRow } from '../wire/rows';
import type { Field } from './config';
import { significant } from './format';

export interface Mend {
  /** What the button says, by its name in the messages. */
  name: 'half_batch' | 'slower' | 'other_values' | 'dataset' | 'again' | 'resume';
  /** What is changed already when the form opens; null is no form. */
  changes: Partial<Record<Field, string>> | null;
}

/** A diverged training goes on diverging from its checkpoint: it begins again, slower. */
const SLOWER = 3;

export function mendOf(row: JobRow): Mend | null {
  if (!row.failure || row.status !== 'failed') return null;
  const { batch_size, learning_rate } = row.config;
  switch (row.failure.class) {
    case 'out_of_memory': {
      const half = Math.floor(batch_size / row.batch_divisor / 2);
      return half >= 1 ? { name: 'half_batch', changes: { batch_size: String(half) } } : form('other_values');
    }
    case 'diverged':
      return { name: 'slower', changes: { learning_rate: significant(learning_rate / SLOWER) } };
    case 'config':
      return form('other_values');
    case 'dataset':
      return { name: 'dataset', changes: null };
    default:
      return row.checkpoint ? { name: 'resume', changes: null } : form('again');
  }
}

const form = (name: Mend['name']): Mend => ({ name, changes: {} });

/** Going on from the checkpoint is what one wants first, unless that is where it went wrong. */
export const isResumeFirst = (row: JobRow): boolean => row.status === 'cancelled' || mendOf(row)?.name === 'resume';
