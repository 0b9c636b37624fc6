// The line over a narrow job page: what it says, and that it is there only while the head of the page is not.
import { cleanup, render } from '@testing-library/svelte';
import { flushSync } from 'svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import golden from '../golden/folds.json';
import { i18n } from '../../src/i18n/i18n.svelte';
import JobBar from '../../src/ui/JobBar.svelte';
import type { JobRow } from '../../src/wire/rows';

const template = golden[0]!.steps[5]!.job as unknown as JobRow;
const now = Date.parse('2026-03-01T10:00:00Z');
const row: JobRow = {
  ...template,
  number: 12,
  status: 'training',
  attempt: 1,
  resumed_epoch: 0,
  started_at: '2026-03-01T09:50:00Z',
  finished_at: null,
  progress: 0.5,
  epochs_done: 5,
  config: { ...template.config, epochs: 10 },
  primary: 'accuracy',
  best: { accuracy: 0.9123 },
};

let scrolled = (_: boolean) => {};
beforeEach(() => {
  i18n.choose('en');
  class Observer {
    constructor(tell: (entries: { isIntersecting: boolean }[]) => void) {
      scrolled = (isIntersecting) => flushSync(() => tell([{ isIntersecting }]));
    }
    observe() {}
    disconnect() {}
  }
  vi.stubGlobal('IntersectionObserver', Observer);
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

it('says which job it is and how it stands once the head is out of sight', () => {
  const { container } = render(JobBar, { props: { row, epochs: [], now, past: false, head: document.body } });
  const said = () => container.textContent!.replace(/\s+/g, ' ').trim();
  scrolled(true);
  expect(said()).toBe('');
  scrolled(false);
  expect(said()).toMatch(/^12 Training 50 % .*10 m 00 s .*91\.23 %$/);
  scrolled(true);
  expect(said()).toBe('');
});

it('says of a moment of the past no more than there was', () => {
  const before = { ...row, status: 'requested' as const, progress: 0, best: null, last: null };
  const { container } = render(JobBar, { props: { row: before, epochs: [], now, past: true, head: document.body } });
  scrolled(false);
  expect(container.textContent!.replace(/\s+/g, ' ').trim()).toMatch(/^12 \S+ 0 %$/);
});
