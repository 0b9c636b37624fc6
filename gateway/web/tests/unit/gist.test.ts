// What a line of the stream says of an event.
import { expect, it } from 'vitest';
import { gist } from '../../src/lib/gist';
import type { PublicEvent } from '../../src/live/events';

const said = (kind: string, body: object) =>
  gist(
    { kind, body } as unknown as PublicEvent,
    () => '',
    (name) => name,
  );

it('names the measurement that a job is judged by at its end, whatever stands first', () => {
  const end = (measurements: object) => said('job.finished', { best_epoch: 2, measurements });
  expect(end({ ap50: 0.5, ap50_95: 0.25, ap75: 0.2 })).toBe('2 · ap50_95 25.00 %');
  expect(end({ loss: 0.1, mean_iou: 0.75, pixel_accuracy: 0.9 })).toBe('2 · mean_iou 75.00 %');
  expect(end({ of_a_stranger: 3 })).toBe('2 · of_a_stranger 3');
  expect(end({})).toBe('2');
});

it('says what a training began on, and not on how many threads', () => {
  for (const device of ['cpu, 2 threads', 'cpu (2 threads)', 'cpu']) {
    expect(said('job.training_started', { device })).toBe('cpu');
  }
});
