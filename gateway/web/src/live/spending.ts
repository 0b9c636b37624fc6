// What the attempts of one job have held their leases for, and what that costs: the fold of Rust, to the millionth. Pure.
import type { HeldLease, Price, Spending } from '../wire/rows';
import type { JobEvent } from './events';

export const NOTHING: Spending = { price: null, lease: null, held_ms: 0, cost: 0, currency: null };
const HOUR_MS = 3_600_000n;

/** What came of one fact of the job; what carries another token than the lease's is not believed. */
export function spend(before: Spending, event: JobEvent): Spending {
  const token = 'token' in event.body ? event.body.token : null;
  if (token !== null && token !== before.lease?.token) return before;
  switch (event.kind) {
    case 'job.dispatched':
      return event.body.withdrawn ? before : { ...before, price: event.body.price ?? null };
    case 'job.attempt_started': {
      const lease: HeldLease = {
        token: event.sequence,
        began_at: event.at,
        device: null,
        hour: before.price?.hour ?? null,
      };
      return { ...before, lease, currency: before.price?.currency ?? before.currency };
    }
    case 'job.training_started': {
      const { device } = event.body;
      if (!before.lease) return before;
      return {
        ...before,
        lease: { ...before.lease, device, hour: before.price ? priceOf(before.price, device) : null },
      };
    }
    case 'job.attempt_preempted':
    case 'job.attempt_lost':
    case 'job.attempt_failed':
    case 'job.cancelled':
    case 'job.finished':
    case 'job.failed':
      return { ...before, ...until(before, micros(event.at)), lease: null };
    default:
      return before;
  }
}

/** All until then, in milliseconds and millionths, the attempt that runs among it. */
export function spentBy(spending: Spending, now: number): { held_ms: number; cost: number } {
  return until(spending, BigInt(Math.round(now)) * 1000n);
}

function until({ lease, held_ms, cost }: Spending, at: bigint): { held_ms: number; cost: number } {
  if (!lease) return { held_ms, cost };
  const took = at - micros(lease.began_at);
  const ms = took > 0n ? took / 1000n : 0n;
  return { held_ms: held_ms + Number(ms), cost: cost + Number((ms * BigInt(lease.hour ?? 0)) / HOUR_MS) };
}

/** Millionths for an hour on a device: the longest name in it counts. */
export function priceOf(price: Price, device: string | null): number {
  const name = (device ?? '').toLowerCase();
  let best: string | null = null;
  for (const part of Object.keys(price.devices ?? {})) {
    if (!name.includes(part.toLowerCase())) continue;
    const [length, most] = [[...part].length, best === null ? -1 : [...best].length];
    if (length > most || (length === most && part > best!)) best = part;
  }
  return best === null ? price.hour : price.devices![best]!;
}

/** Browsers keep milliseconds, and the log has microseconds. */
function micros(at: string): bigint {
  const [, whole = at, fraction = '', zone = ''] = /^(.*?)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/.exec(at) ?? [];
  return BigInt(Date.parse(whole + zone)) * 1000n + BigInt(fraction.padEnd(6, '0').slice(0, 6));
}
