// A console: each line once, by number, whoever tells it and however often; drawn as text, and never more than fits.
import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import golden from '../golden/folds.json';
import { i18n } from '../../src/i18n/i18n.svelte';
import { CONSOLE_LINES, NONE, begun, taken, type Lines } from '../../src/live/console';
import { Console } from '../../src/state/console.svelte';
import type { ConsoleTold } from '../../src/wire/api';
import type { ConsoleLines, JobRow } from '../../src/wire/rows';
import ConsolePanel from '../../src/ui/Console.svelte';

const row = golden[0]!.steps[5]!.job as unknown as JobRow;
const said = (first: number, lines: string[], token = 7, run = 'a'): ConsoleLines => ({ token, run, first, lines });
const told = (lines: [number, string][], changes: Partial<ConsoleTold> = {}): ConsoleTold => ({
  from: 'telemetry',
  token: 7,
  run: 'a',
  lines: lines.map(([number, text]) => ({ number, text })),
  ...changes,
});
const shown = (now: Lines) => now.lines.map(({ number, text }) => `${number} ${text}`).join(', ');

describe('lines', () => {
  it('are kept once, in order, and say how many are missing between them', () => {
    let now = taken(NONE, said(1, ['one', 'two']));
    now = begun(
      now,
      told([
        [2, 'two'],
        [3, 'three'],
      ]),
    );
    now = taken(now, said(3, ['three']));
    now = taken(now, said(10, ['ten']));
    expect(shown(now)).toBe('1 one, 2 two, 3 three, 10 ten');
    expect(now.lines.map((line) => line.leftOut)).toEqual([0, 0, 0, 6]);
    now = taken(now, said(4, ['four']));
    expect(shown(now), 'what was left out comes later').toBe('1 one, 2 two, 3 three, 4 four, 10 ten');
    expect(now.lines.at(-1)!.leftOut).toBe(5);
  });

  it('begin anew with another attempt, and with another life of the agent', () => {
    let now = taken(NONE, said(1, ['one']));
    now = taken(now, said(1, ['one again'], 7, 'b'));
    expect(shown(now)).toBe('1 one again');
    now = taken(now, said(1, ['next'], 9, 'b'));
    now = taken(now, said(2, ['a zombie'], 7, 'b'));
    now = begun(now, told([[1, 'late']]));
    expect(shown(now)).toBe('1 next');
  });

  it('of a file are all there are, but do not replace what came live', () => {
    const file = told(
      [
        [1, 'x'],
        [2, 'y'],
      ],
      { from: 'artifact', run: null },
    );
    const whole = begun(NONE, file);
    expect(shown(taken(whole, said(95, ['the last'])))).toBe('1 x, 2 y');
    const live = taken(NONE, said(1, ['x']));
    expect(begun(live, file)).toBe(live);
  });

  it('are only the newest', () => {
    const many = taken(
      NONE,
      said(
        1,
        Array.from({ length: CONSOLE_LINES + 5 }, (_, at) => `line ${at + 1}`),
      ),
    );
    expect([many.lines.length, many.lines[0]!.number, many.lines[0]!.leftOut]).toEqual([CONSOLE_LINES, 6, 0]);
  });
});

describe('the panel', () => {
  beforeEach(() => i18n.choose('en'));
  afterEach(cleanup);

  it('shows what is printed as text, with a mark where something was left out', async () => {
    const console = new Console('j');
    console.state = 'ready';
    render(ConsolePanel, { props: { console, row: { ...row, status: 'training' } } });
    expect(screen.getByText('The trainer has not printed anything yet.')).toBeTruthy();
    console.take(said(1, ['<img src=x onerror=alert(1)>']));
    console.take(said(1_236, ['after it']));
    await screen.findByText('<img src=x onerror=alert(1)>');
    expect(document.querySelector('img')).toBeNull();
    expect(screen.getByText('… 1,234 lines left out')).toBeTruthy();
  });

  it('follows the end until one scrolls up, and again when asked to', async () => {
    const console = new Console('j');
    console.take(said(1, ['one']));
    render(ConsolePanel, { props: { console, row } });
    const log = screen.getByRole('log');
    const jumps: unknown[] = [];
    Object.defineProperties(log, {
      scrollHeight: { value: 900, configurable: true },
      clientHeight: { value: 100, configurable: true },
      scrollTo: { value: (to: unknown) => jumps.push(to) },
    });
    console.take(said(2, ['two']));
    await screen.findByText('two');
    expect(jumps).toEqual([{ top: 900 }]);
    log.scrollTop = 300;
    await fireEvent.scroll(log);
    console.take(said(3, ['three']));
    await screen.findByText('three');
    expect(jumps, 'one reads').toHaveLength(1);
    await fireEvent.click(screen.getByRole('button', { name: 'To the end' }));
    expect(jumps).toHaveLength(2);
  });
});
