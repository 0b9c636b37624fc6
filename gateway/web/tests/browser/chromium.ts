// The browser of the tests: the one that deploy/tools/chromium names, without anything that phones home, and a fresh
// profile each time.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions } from 'playwright-core';

const WHERE = join(import.meta.dirname, '../../../../deploy/tools/chromium');
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

const executable = () => execFileSync(WHERE, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: executable(), args: FLAGS });
}

/** One whose profile lies in a folder: only there can it come back to folders that it has kept in IndexedDB. */
export function launchIn(folder: string, options: BrowserContextOptions): Promise<BrowserContext> {
  return chromium.launchPersistentContext(folder, { executablePath: executable(), args: FLAGS, ...options });
}
