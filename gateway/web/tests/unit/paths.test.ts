// Paths that are written: what they may go on with, as the workers have it.
import { afterEach, expect, it, vi } from 'vitest';
import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { folderOf, pathAt, pathHints } from '../../src/lib/paths';
import { i18n } from '../../src/i18n/i18n.svelte';
import { session } from '../../src/state/session.svelte';
import PathInput from '../../src/ui/PathInput.svelte';
import type { FolderAnswer } from '../../src/wire/api';

const { api } = session;
afterEach(() => {
  session.api = api;
  cleanup();
});

const folders = (path: string | null, ...names: string[]): FolderAnswer => ({
  path,
  parent: null,
  folders: names.map((name) => ({ name, path: `${path ?? ''}/${name}`, images: 2, more_images: false })),
  images: 0,
  more_images: false,
  left_out: 0,
});

it('knows the folder that is written whole', () => {
  expect(['', 'da', 'data/', 'data/di', '/a/b'].map(folderOf)).toEqual(['', '', 'data/', 'data/', '/a/']);
});

it('offers what begins so: folders within, roots, and what is known', () => {
  const [here, roots] = [folders('/data', 'Digits', 'trees'), folders(null, 'data', 'srv')];
  const offered = (written: string) =>
    pathHints(written, here, roots, ['data/old', '/data/digits']).map((one) => one.path);
  expect(offered('/data/d')).toEqual(['/data/digits', '/data/Digits']);
  expect(offered('/s')).toEqual(['/srv']);
  expect(offered('data/')).toEqual(['data/old', 'data/Digits', 'data/trees']);
  expect(offered('/data/trees'), 'what is written already is no offer').toEqual([]);
});

it('finds the path in a sentence that is being written', () => {
  expect(pathAt('train on data/di for 3', 16)).toEqual({ from: 9, written: 'data/di' });
  expect(pathAt('use "data/di', 12)).toEqual({ from: 5, written: 'data/di' });
  expect(pathAt('train resnet18', 14)).toBeNull();
  expect(pathAt('from https://a/b', 16)).toBeNull();
  expect(pathAt('data/a@2', 8)).toBeNull();
});

it('completes with the keyboard alone, and goes on into the folder with Tab', async () => {
  i18n.choose('en');
  const get = vi.fn(async (_: string, { path }: { path: string | null }) => {
    if (path === null) return folders(null, 'srv');
    if (path === '/srv/') return folders('/srv', 'images', 'other');
    throw new Error('none');
  });
  session.api = { get } as unknown as typeof session.api;
  let value = '';
  const change = (written: string) => {
    value = written;
    void view.rerender({ value });
  };
  const view = render(PathInput, { props: { value, change, 'aria-label': 'Path' } });
  const field = screen.getByLabelText<HTMLInputElement>('Path');
  await fireEvent.focus(field);
  await fireEvent.input(field, { target: { value: '/s' } });
  await screen.findByRole('option', { name: /\/srv/ });
  await fireEvent.keyDown(field, { key: 'Tab' });
  expect(value).toBe('/srv/');
  await screen.findByRole('option', { name: /\/srv\/images/ });
  await fireEvent.keyDown(field, { key: 'ArrowDown' });
  expect(field.getAttribute('aria-activedescendant')).toBe(screen.getAllByRole('option')[0]!.id);
  await fireEvent.keyDown(field, { key: 'Enter' });
  expect(value).toBe('/srv/images');
  expect(screen.queryAllByRole('option')).toEqual([]);
});
