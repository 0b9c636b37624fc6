// The events by the family that the first word of their kind names, and what they are about.
import type { PublicEvent } from '../wire/events';

type Of<Family extends string> = Extract<PublicEvent, { kind: `${Family}.${string}` }>;

export type { PublicEvent };
export type JobEvent = Of<'job'>;
export type EndpointEvent = Of<'endpoint'>;
export type ChatEvent = Of<'chat'>;
export type DatasetEvent = Of<'dataset'>;
export type ModelEvent = Of<'model'>;

const isOf =
  <Family extends string>(family: Family) =>
  (event: PublicEvent): event is Of<Family> =>
    event.kind.startsWith(`${family}.`);

export const isJobEvent = isOf('job');
export const isEndpointEvent = isOf('endpoint');
export const isChatEvent = isOf('chat');
export const isDatasetEvent = isOf('dataset');
export const isModelEvent = isOf('model');

/** The id of what the event is about: the part after the slash. */
export function subjectId(event: { aggregate: string }): string {
  return event.aggregate.slice(event.aggregate.indexOf('/') + 1);
}
