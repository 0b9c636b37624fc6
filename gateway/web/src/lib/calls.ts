// Questions to a model by time, as a curve over the last day. Pure.
import type { CallsAtTime } from '../wire/api';

/** As gateways count them together, and as long as they keep it. */
const TOGETHER_MS = 300_000;
const TIMES = 288;

/** Questions of every five minutes, the newest last; those in which nobody asked are 0. */
export function callsOfDay(history: readonly CallsAtTime[], now: number): number[] {
  const first = Math.floor(now / TOGETHER_MS) - TIMES + 1;
  const calls = Array<number>(TIMES).fill(0);
  for (const { at, answered, refused } of history) {
    const time = Math.floor(Date.parse(at) / TOGETHER_MS) - first;
    if (time >= 0 && time < TIMES) calls[time]! += answered + refused;
  }
  return calls;
}
