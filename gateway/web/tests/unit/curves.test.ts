// The curves of a job as they come: nothing is drawn and then moved by what the steps add to it.
import { cleanup, render, screen } from '@testing-library/svelte';
import { tick } from 'svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import golden from '../golden/folds.json';
import { i18n } from '../../src/i18n/i18n.svelte';
import { Job } from '../../src/state/job.svelte';
import JobCurves from '../../src/ui/JobCurves.svelte';
import type { JobRow } from '../../src/wire/rows';

const row = golden[0]!.steps[5]!.job as unknown as JobRow;
const charts = () => document.querySelectorAll('figure.chart').length;

beforeEach(() => {
  i18n.choose('en');
  vi.useFakeTimers();
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

it('wait for the steps, whose lines are in the same charts', async () => {
  const job = new Job(row.id);
  render(JobCurves, { props: { job, row, epochs: [], past: false } });
  await tick();
  expect([charts(), document.querySelectorAll('.coming').length]).toEqual([0, 2]);
  expect(screen.getByText('Smoothing'), 'how they are looked at is there').toBeTruthy();
  job.stepsRead = true;
  await tick();
  expect(charts()).toBe(2);
  job.stepsRead = false;
  await tick();
  expect(charts(), 'read anew after a gap, they stay').toBe(2);
});

it('wait no longer than a second', async () => {
  render(JobCurves, { props: { job: new Job(row.id), row, epochs: [], past: false } });
  await tick();
  expect(charts()).toBe(0);
  vi.advanceTimersByTime(1_000);
  await tick();
  expect(charts()).toBe(2);
});
