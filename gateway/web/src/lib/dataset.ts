// What a dataset is for, and how it is written where something is to be trained on it. Pure.
import type { DatasetProfile, DatasetRow, Task } from '../wire/rows';

/** Every task that it can serve; an older look knew of one. */
export const kindsOf = (profile: DatasetProfile): readonly Task[] =>
  profile.kinds?.length ? profile.kinds : [profile.task];

/** Whether a configuration names this dataset, by its newest version or by another. */
export const isNamed = ({ path }: Pick<DatasetRow, 'path'>, dataset: string): boolean =>
  dataset === path || (dataset.startsWith(`${path}@`) && /^[^/@]+$/.test(dataset.slice(path.length + 1)));

/** As a training names it: what is in the store by its newest version, `scratches@3`, which never changes. */
export function written({ path, source, versions }: DatasetRow): string {
  const newest = versions.at(-1);
  // Of an address `@3` would be a part.
  const isNamed = source.from !== 'path' && !path.includes('://');
  return isNamed && newest?.stored ? `${path}@${newest.number}` : path;
}
