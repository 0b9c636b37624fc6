// What a page does with its time and its memory, asked of the browser itself.
import type { CDPSession, Page } from 'playwright-core';

export interface Frames {
  /** Frames drawn in a second. */
  each: number;
  /** Between two frames, in milliseconds: half of them, nearly all, and the longest. */
  median: number;
  late: number;
  longest: number;
  /** The longest piece of work on the page's thread, in milliseconds; 0 if none took 50. */
  task: number;
}

/** Looks at the frames and tasks of so many seconds. */
export async function frames(page: Page, seconds: number): Promise<Frames> {
  const { gaps, task } = await page.evaluate((milliseconds) => {
    return new Promise<{ gaps: number[]; task: number }>((done) => {
      let task = 0;
      const watch = new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) task = Math.max(task, entry.duration);
      });
      watch.observe({ type: 'longtask' });
      const gaps: number[] = [];
      const began = performance.now();
      let last = began;
      const step = (now: number) => {
        gaps.push(now - last);
        last = now;
        if (now - began < milliseconds) return void requestAnimationFrame(step);
        watch.disconnect();
        done({ gaps: gaps.slice(1).sort((a, b) => a - b), task });
      };
      requestAnimationFrame(step);
    });
  }, seconds * 1_000);
  const at = (share: number) => gaps[Math.min(gaps.length - 1, Math.floor(gaps.length * share))]!;
  return { each: gaps.length / seconds, median: at(0.5), late: at(0.99), longest: at(1), task };
}

/** Bytes of the page's heap that are in use, after everything else was thrown away. */
export async function heap(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage');
  return (await session.send('Runtime.getHeapUsage')).usedSize;
}

export const round = (value: number) => value.toFixed(1);
export const mib = (bytes: number) => `${(bytes / 1024 ** 2).toFixed(1)} MiB`;
