// What was once shown wrong: each is shown as it is.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import golden from '../golden/folds.json';
import { readAt, smoothed } from '../../src/charts/chart-data';
import { i18n } from '../../src/i18n/i18n.svelte';
import { isOfNow, mainMeasurement, measurement } from '../../src/lib/format';
import { isResumeFirst, mendOf } from '../../src/lib/mend';
import type { PublicEvent } from '../../src/live/events';
import { router } from '../../src/state/router.svelte';
import { session } from '../../src/state/session.svelte';
import Answers from '../../src/ui/Answers.svelte';
import EventLine from '../../src/ui/EventLine.svelte';
import JobFailure from '../../src/ui/JobFailure.svelte';
import JobFigures from '../../src/ui/JobFigures.svelte';
import ProposalCard from '../../src/ui/ProposalCard.svelte';
import type { JobRow, Proposal, Telemetry } from '../../src/wire/rows';

const row = golden[0]!.steps[5]!.job as unknown as JobRow;
const event = golden[0]!.steps[0]!.event as unknown as PublicEvent;
const chat = golden.find((story) => story.name === 'a chat')!;
const proposal = { ...(chat.steps[1]!.message!.proposal as unknown as Proposal), missing: [] };

beforeEach(() => i18n.choose('en'));
afterEach(cleanup);

describe('how far a job is', () => {
  const step = (epoch: number, at: number) => ({ epoch, step: at, steps: 300 }) as Telemetry['step'];

  it('goes by no step of an attempt before the one that runs', () => {
    const again = { ...row, epochs_done: 0, resumed_epoch: 0 };
    expect(isOfNow(step(3, 290), again), 'it had come to its third epoch when it failed').toBe(false);
    expect(isOfNow(step(1, 4), again)).toBe(true);
    expect(isOfNow(step(3, 290), { ...row, epochs_done: 2 })).toBe(true);
  });
});

describe('a measurement', () => {
  const rust = readFileSync(resolve(import.meta.dirname, '../../../../events/words/src/measure.rs'), 'utf8');

  it('has the name that a talk and the command line give it', () => {
    const names = [...rust.matchAll(/^ {4}\("(\w+)", "(.+)", "(.+)"\),$/gm)];
    expect(names.map(([, name]) => name)).toEqual(Object.keys(i18n.of('en').measure));
    for (const [, name, english, korean] of names) {
      expect(english!.toLowerCase()).toBe(i18n.of('en').measure[name!]!.toLowerCase());
      expect(korean).toBe(i18n.of('ko').measure[name!]);
    }
  });

  it('is rounded as a talk and the command line round it', () => {
    const rounded = [...rust.matchAll(/^ {12}\("(\w+)", (-?[\d_.]+), "(.+)"\),$/gm)];
    expect(rounded.length).toBeGreaterThan(15);
    for (const [, name, value, said] of rounded) {
      expect(measurement(name!, Number(value!.replaceAll('_', ''))), name).toBe(said);
    }
  });
});

describe('the measurement of a job', () => {
  it('has the name that its trainer gives it, and none before that', () => {
    const detector = { ...row, primary: null, best: null, last: null };
    expect(mainMeasurement(detector)).toBeNull();
    expect(mainMeasurement({ ...detector, primary: 'ap', best: { ap: 0.25 } })).toEqual({ name: 'ap', value: 0.25 });
    const figures = { row: { ...detector, best_epoch: null }, epochs: [], now: 0, step: null };
    const { container } = render(JobFigures, { props: figures });
    expect(container.textContent).not.toMatch(/accuracy/i);
  });
});

describe('charts that are read at one place', () => {
  it('say the same of an epoch, with a point for each step and with one for each epoch', () => {
    const steps = Array.from({ length: 40 }, (_, at) => (at + 1) / 10);
    const epochs = [1, 2, 3, 4];
    const both = [...new Set([...steps, ...epochs])].sort((a, b) => a - b);
    const column = both.map((x) => (epochs.includes(x) ? x * 100 : null));
    for (const x of [0.1, 0.95, 1, 1.05, 1.9, 2, 2.31, 4]) {
      const among = column[readAt(both, column, x)!];
      const alone = epochs.map((epoch) => epoch * 100)[readAt(epochs, epochs, x)!];
      expect(among, `at ${x}`).toBe(alone);
      expect(among, 'the epoch that the step is of').toBe(Math.ceil(x) * 100);
    }
    expect(readAt(epochs, epochs, 4.5), 'there is nothing after the last').toBe(3);
    expect(readAt([], [], 1)).toBeNull();
  });

  it('are smoothed without being drawn to nought at first', () => {
    const points = { xs: [1, 2, 3, 4], ys: [4, 4, NaN, 4] };
    expect(Array.from(smoothed(points, 0.9).ys).map((y) => Number(y.toFixed(6)))).toEqual([4, 4, 4, 4]);
    expect(Array.from(smoothed({ xs: [1, 2], ys: [0, 1] }, 0).ys)).toEqual([0, 1]);
    const late = smoothed({ xs: [1, 2, 3], ys: [0, 0, 1] }, 0.9).ys[2]!;
    expect(late).toBeGreaterThan(0.3);
    expect(late).toBeLessThan(0.5);
  });
});

describe('an event', () => {
  it('opens wherever its line is pressed, but not where a link leads on', async () => {
    router.go('/events');
    render(EventLine, { props: { event, open: false } });
    await fireEvent.click(screen.getByText(event.actor));
    expect(router.query.get('event')).toBe(String(event.sequence));
    router.go('/events');
    const link = screen.getByRole('link');
    link.addEventListener('click', (press) => press.preventDefault());
    await fireEvent.click(link);
    expect(router.query.get('event')).toBeNull();
    await fireEvent.click(screen.getByRole('button'));
    expect(router.query.get('event'), 'once, not there and back').toBe(String(event.sequence));
  });
});

it('says of a score on which side of its threshold it is', () => {
  const given = { asking: false, shown: [], tones: {}, detects: false, least: 25, pointed: null };
  for (const [score, said] of [
    [0.81, 'Score 0.81: anomalous (threshold 0.60)'],
    [0.59, 'Score 0.59: as it should be (threshold 0.60)'],
  ] as const) {
    const anomaly = { score, threshold: 0.6, heat: '' };
    render(Answers, {
      props: { ...given, answer: { width: 8, height: 8, milliseconds: 1, predictions: [], anomaly } },
    });
    expect(screen.getByText(said)).toBeTruthy();
    cleanup();
  }
});

it('lets a device that was chosen go back to whatever there is', async () => {
  const change = vi.fn();
  const config = { ...proposal.config, device: 'gpu' as const };
  const decide = vi.fn();
  const given = {
    chat: 'a-chat',
    proposal: { ...proposal, config },
    language: 'en' as const,
    outcome: null,
    change,
    decide,
  };
  render(ProposalCard, { props: given });
  await fireEvent.change(screen.getByLabelText('Device'), { target: { value: 'auto' } });
  await fireEvent.click(screen.getByText('Change 1 value'));
  expect(change).toHaveBeenCalledWith({ device: 'auto' });
});

describe('a failure', () => {
  const failed = (kind: string, changes: Partial<JobRow> = {}): JobRow => ({
    ...row,
    status: 'failed',
    failure: { class: kind, message: 'm', next_step: 'n', console: [] } as unknown as JobRow['failure'],
    ...changes,
  });
  const mark = { epoch: 1, step: 1, best_epoch: null, best: null };

  it('is mended by what it needs: never by going on from where it diverged', () => {
    const config = { ...row.config, batch_size: 32, learning_rate: 0.03 };
    const memory = failed('out_of_memory', { config, batch_divisor: 2 });
    expect(mendOf(memory)).toEqual({ name: 'half_batch', changes: { batch_size: '8' } });
    expect(mendOf({ ...memory, batch_divisor: 32 })!.name).toBe('other_values');
    const diverged = failed('diverged', { config, checkpoint: mark });
    expect(mendOf(diverged)).toEqual({ name: 'slower', changes: { learning_rate: '0.01' } });
    expect(isResumeFirst(diverged)).toBe(false);
    expect(isResumeFirst(failed('internal', { checkpoint: mark }))).toBe(true);
    expect(mendOf(failed('internal', { checkpoint: null }))!.name).toBe('again');
    expect(mendOf(failed('dataset'))!.name).toBe('dataset');
    expect(mendOf({ ...diverged, status: 'training' }), 'it still goes on').toBeNull();
  });

  it('leads with that button, and the form is filled in already', async () => {
    const { identity, api } = session;
    session.api = { get: vi.fn(async () => ({ datasets: [], models: [], next: null })) } as unknown as typeof api;
    session.identity = { tenant: 'acme', token: { id: 't', name: 'test' }, role: 'editor' } as typeof identity;
    HTMLDialogElement.prototype.showModal ??= function (this: HTMLDialogElement) {
      this.open = true;
    };
    render(JobFailure, { props: { row: failed('diverged', { config: { ...row.config, learning_rate: 0.03 } }) } });
    await fireEvent.click(screen.getByRole('button', { name: 'Run again with a lower learning rate' }));
    expect((await screen.findByLabelText<HTMLInputElement>('Learning rate')).value).toBe('0.01');
    Object.assign(session, { identity, api });
  });
});
