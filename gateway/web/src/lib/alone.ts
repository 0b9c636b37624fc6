// One page of this browser at a time: who uploads, and who looks whether an upload was left behind.

const LOCK = 'trainyard.upload';

/** Does `work` at once, and tells it whether no other page is at it. */
export async function ifAlone(work: (alone: boolean) => Promise<void>): Promise<void> {
  // Only pages of https and of loopback have locks; where there are none, nothing goes on by itself either.
  if (!navigator.locks) return work(true);
  await navigator.locks.request(LOCK, { ifAvailable: true }, (lock) => work(lock !== null));
}

/** Does `work` once no other page is at it, which may be long after. */
export async function onceAlone(signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  if (!navigator.locks) return work();
  await navigator.locks.request(LOCK, { signal }, work).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}
