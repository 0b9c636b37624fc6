// The list of datasets: a card for each, with what is in it or why it was refused, whose images are read when it is in sight.
import { cleanup, render, screen } from '@testing-library/svelte';
import { tick } from 'svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import golden from '../golden/folds.json';
import { i18n } from '../../src/i18n/i18n.svelte';
import { session } from '../../src/state/session.svelte';
import DatasetCard from '../../src/ui/DatasetCard.svelte';
import type { DatasetRow } from '../../src/wire/rows';

const good = golden
  .find((one) => one.name.startsWith('a dataset that is good'))!
  .steps.find((step) => step.dataset?.profile)!.dataset as unknown as DatasetRow;
const artifact = (role: string) => ({ role, key: role, sha256: role, bytes: 1 });
const row = { ...good, path: 'shapes', artifacts: ['sample_images', 'sample_labels'].map(artifact) };

const { api } = session;
let get: ReturnType<typeof vi.fn>;
let comes: (inSight: boolean) => void = () => {};
beforeEach(() => {
  i18n.choose('en');
  get = vi.fn(async () => ({}));
  Object.assign(session, { api: { get, blob: vi.fn(async () => new Blob()) } });
  vi.stubGlobal(
    'IntersectionObserver',
    class {
      constructor(told: (entries: { isIntersecting: boolean }[]) => void) {
        comes = (isIntersecting) => told([{ isIntersecting }]);
      }
      observe() {}
      disconnect() {}
    },
  );
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  Object.assign(session, { api });
});

it('says what is in a dataset, and leads to it', () => {
  render(DatasetCard, { props: { row } });
  expect(screen.getByText('shapes').getAttribute('href')).toBe(`datasets/${row.id}`);
  const { train, validation, test } = row.profile!.images;
  const images = screen.getByText('Images').nextElementSibling!;
  expect(images.textContent).toBe((train + validation + test).toLocaleString('en-US'));
  expect(screen.getByText('Classes').nextElementSibling!.textContent).toBe(String(row.profile!.classes.length));
});

it('reads its images when it comes into sight, and not before', async () => {
  render(DatasetCard, { props: { row } });
  await tick();
  expect(get).not.toHaveBeenCalled();
  comes(false);
  await tick();
  expect(get).not.toHaveBeenCalled();
  comes(true);
  await vi.waitFor(() => expect(get.mock.calls[0]![0]).toBe(`/v1/datasets/${row.id}/artifacts/sample_labels`));
});

it('says why one was refused, in the language of the page', () => {
  i18n.choose('ko');
  const said = [{ code: 'said', en: 'there are no images', ko: '이미지가 없습니다' }];
  const refused = { ...row, status: 'rejected', profile: null, problem: said[0]!.en, because: said, artifacts: [] };
  render(DatasetCard, { props: { row: refused as unknown as DatasetRow } });
  expect(screen.getByText('이미지가 없습니다')).toBeTruthy();
  expect(screen.queryByText('클래스')).toBeNull();
});
