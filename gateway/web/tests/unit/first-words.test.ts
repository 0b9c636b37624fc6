// What a new conversation proposes to say: about data that is here, and where there is none, the way to some.
import { cleanup, render, screen } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import golden from '../golden/folds.json';
import { i18n } from '../../src/i18n/i18n.svelte';
import Talk from '../../src/routes/Talk.svelte';
import { session } from '../../src/state/session.svelte';

const good = golden
  .find((one) => one.name.startsWith('a dataset that is good'))!
  .steps.find((step) => step.dataset?.profile)!.dataset!;
const { api, socket } = session;
let datasets: object[] = [];
beforeEach(() => {
  i18n.choose('en');
  const get = vi.fn(async (path: string) =>
    path === '/v1/datasets' ? { datasets, next: null } : { chats: [], next: null },
  );
  Object.assign(session, { api: { get }, socket: { subscribe: () => () => {} } });
});
afterEach(() => {
  cleanup();
  Object.assign(session, { api, socket });
});

it('is nothing that would only fail where there is no data, but the way to some', async () => {
  datasets = [{ ...good, path: 'broken', status: 'rejected' }];
  render(Talk, { props: { id: null } });
  const way = await screen.findByText('Begin with data: samples, your images or a folder');
  expect(way.getAttribute('href')).toBe('.');
  expect(screen.queryByText(/data\/digits/)).toBeNull();
  expect(screen.getByText('Which model do you recommend for classification?')).toBeTruthy();
});

it('is about the data that there is', async () => {
  datasets = [{ ...good, path: 'shapes', status: 'valid' }];
  render(Talk, { props: { id: null } });
  expect(await screen.findByText('Train resnet18 on shapes for 10 epochs')).toBeTruthy();
  expect(screen.queryByText(/Begin with data/)).toBeNull();
});
