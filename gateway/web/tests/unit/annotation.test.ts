// What can be said of a job.
import { expect, it } from 'vitest';
import { retagged, tagsOf } from '../../src/lib/annotation';

it.each([
  ['', []],
  ['  baseline  v2 ', ['baseline', 'v2']],
  ['#baseline, #v2,v2', ['baseline', 'v2']],
  ['3호기\t검수', ['3호기', '검수']],
] as const)('tags in "%s"', (text, tags) => expect(tagsOf(text)).toEqual(tags));

it('adds and takes away, each once', () => {
  expect(retagged(['a', 'b'], ['b', 'c'], ['a'])).toEqual(['b', 'c']);
  expect(retagged(['a'], [], ['a'])).toEqual([]);
});
