// The table of jobs: what it is asked in words, in which order, with which columns, and what a spreadsheet gets of it.
import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import golden from '../golden/folds.json';
import { en } from '../../src/i18n/en';
import { i18n } from '../../src/i18n/i18n.svelte';
import { ko } from '../../src/i18n/ko';
import { bestOf, delta, inCommon } from '../../src/lib/compare';
import { csv } from '../../src/lib/csv';
import { hints, wordAt } from '../../src/lib/filter-hints';
import { all, column, grouped, groupName, label, serverOrder, sorted, USUAL, words } from '../../src/lib/job-columns';
import { asksArchived, isAsked, milliseconds, narrowed, parse, unknown } from '../../src/lib/job-filter';
import { lineAt, topsOf } from '../../src/lib/lines';
import { jobs } from '../../src/state/jobs.svelte';
import { router } from '../../src/state/router.svelte';
import { session } from '../../src/state/session.svelte';
import { table } from '../../src/state/table.svelte';
import ColumnMenu from '../../src/ui/ColumnMenu.svelte';
import CompareTable from '../../src/ui/CompareTable.svelte';
import FilterInput from '../../src/ui/FilterInput.svelte';
import JobActions from '../../src/ui/JobActions.svelte';
import type { JobRow } from '../../src/wire/rows';

const template = golden[0]!.steps[5]!.job as unknown as JobRow;
const row = (number: number, changes: Partial<JobRow> = {}, config: object = {}): JobRow => ({
  ...template,
  id: `job-${number}`,
  number,
  ...changes,
  config: { ...template.config, ...config },
});
const said = { title: '', tags: [] as string[], note: '', archived: false };
const rows = [
  row(4, { status: 'failed', best: null, last: null, worker: 'gpu-2' }, { dataset: 'scratches@2' }),
  row(
    3,
    {
      status: 'finished',
      best: { accuracy: 0.97, loss: 0.1 },
      primary: 'accuracy',
      owner: 'laptop',
      annotation: { ...said, tags: ['baseline', 'v2'] },
    },
    { model: 'resnet50' },
  ),
  row(
    2,
    {
      status: 'finished',
      best: { accuracy: 0.85, loss: 0.4 },
      primary: 'accuracy',
      annotation: { ...said, title: 'First try' },
    },
    { learning_rate: 0.1 },
  ),
  row(1, { status: 'training', best: { ap50: 0.5, ap50_95: 0.2 }, primary: 'ap50_95' }, { task: 'detect' }),
];
const names = ['accuracy', 'ap50', 'ap50_95', 'loss'];
const found = (text: string) => rows.filter((one) => isAsked(one, parse(text), 0)).map((one) => one.number);

describe('what is put together', () => {
  it('by tags, a job with several in each, in order of the first', () => {
    const groups = grouped(rows, 'tags');
    const named = groups.map(({ name, rows }) => [groupName(en, 'tags', name), rows.map((one) => one.number)]);
    expect(named).toEqual([
      ['no tag', [4, 2, 1]],
      ['#baseline', [3]],
      ['#v2', [3]],
    ]);
    expect(grouped(rows, 'status').map(({ name }) => groupName(ko, 'status', name))).toEqual([
      '실패',
      '완료',
      '학습 중',
    ]);
  });

  it('is asked of the gateway by its own names', () => {
    expect(['-best:ap50_95', 'started', '-learning_rate'].map(serverOrder)).toEqual([
      '-ap50_95',
      'started',
      '-learning_rate',
    ]);
  });

  it('a version and what was measured on test images are columns', () => {
    const tested = row(5, { primary: 'accuracy', best: { accuracy: 0.9, test_accuracy: 0.8 } }, { dataset: 'x@12' });
    expect([column('version')!.value(tested, 0), words(en, 'test', tested)]).toEqual([12, '80.00 %']);
    expect([column('version')!.value(rows[1]!, 0), words(en, 'test', rows[1]!)]).toEqual([null, '–']);
  });
});

describe('lines that are not all of one height', () => {
  const tops = topsOf([40, 92, 92, 40, 92]);

  it('stand one below the other', () => expect([...tops]).toEqual([0, 40, 132, 224, 264, 356]));

  it.each([
    [-5, 0],
    [0, 0],
    [39, 0],
    [40, 1],
    [131, 1],
    [132, 2],
    [263, 3],
    [355, 4],
    [356, 5],
    [9_999, 5],
  ])('%s pixels down is line %s', (y, line) => expect(lineAt(tops, y)).toBe(line));

  it('are none where there are none', () => expect([topsOf([])[0], lineAt(topsOf([]), 7)]).toEqual([0, 0]));
});

describe('the menu of columns', () => {
  it('puts in order from either end, where there are no heads to press', async () => {
    render(ColumnMenu, { props: { measurements: names, grouping: null } });
    await fireEvent.click(screen.getByRole('button', { name: 'Columns' }));
    const order = screen.getByLabelText<HTMLSelectElement>('Sort by');
    const offered = [...order.options].map((one) => one.text);
    expect(offered.slice(0, 3)).toEqual(['newest first', 'Job ↓', 'Job ↑']);
    expect(offered).toHaveLength(1 + 2 * table.columns.length);
    await fireEvent.change(order, { target: { value: '-result' } });
    expect(router.query.get('sort')).toBe('-result');
    router.set('sort', null);
  });
});

describe('what is asked for', () => {
  it.each([
    ['', [4, 3, 2, 1]],
    ['status:failed', [4]],
    ['상태:실패', [4]],
    ['status!=failed', [3, 2, 1]],
    ['-status:failed', [3, 2, 1]],
    ['acc>0.9', [3]],
    ['정확도>90%', [3]],
    ['accuracy>=85', [3, 2]],
    ['ap50=0.5', [1]],
    ['ap50_95<0.3 task:detect', [1]],
    ['loss<0.2', [3]],
    ['model:RESNET50', [3]],
    ['dataset:scratch', [4]],
    ['"scratches@2"', [4]],
    ['scratches', [4]],
    ['-scratches status:finished', [3, 2]],
    ['worker:gpu-2', [4]],
    ['learning_rate>0.05', [2]],
    ['학습률>0.05', [2]],
    ['number<=2', [2, 1]],
    ['job:#3', [3]],
    ['tag:base', [3]],
    ['태그=baseline', [3]],
    ['-tag:baseline', [4, 2, 1]],
    ['title:first', [2]],
    ['first', [2]],
    ['owner:laptop', [3]],
    ['is:archived', []],
    ['colour:red', []],
    ['accuracy>many', []],
  ] as const)('%s', (text, numbers) => expect(found(text)).toEqual(numbers));

  it('leaves out what was put away, unless that is asked for', () => {
    const away = row(9, { annotation: { ...said, title: 'old', archived: true } });
    expect(['', 'old', '-is:archived'].map((text) => isAsked(away, parse(text), 0))).toEqual([false, false, false]);
    expect(['is:archived', 'is:보관 old'].map((text) => isAsked(away, parse(text), 0))).toEqual([true, true]);
    expect(asksArchived(parse('IS:Archived'))).toBe(true);
  });

  it('can be how long a job took, in the units of either language', () => {
    expect(['90', '90s', '5m', '2시간', '1D', 'soon', '3 parsecs'].map(milliseconds)).toEqual([
      90_000,
      90_000,
      300_000,
      7_200_000,
      86_400_000,
      NaN,
      NaN,
    ]);
    const took = row(9, { started_at: '2026-03-01T09:00:00Z', finished_at: '2026-03-01T09:20:00Z' });
    expect(isAsked(took, parse('took>10m'), 0)).toBe(true);
    expect(isAsked(took, parse('걸린시간>1시간'), 0)).toBe(false);
    expect(isAsked({ ...took, started_at: null }, parse('took<1h'), 0), 'it has not begun').toBe(false);
  });

  it('names what there is, and is told where it does not', () => {
    expect(unknown(parse('acc>0.9 상태:실패 colour:red plain'), names)).toEqual(['colour']);
  });

  it('is left to the gateway as far as that can look', () => {
    expect(narrowed(parse('status:failed model:resnet18 acc>0.9 dataset:scratches'))).toEqual({
      q: 'scratches',
      status: ['failed'],
    });
    expect(narrowed(parse('상태:완료 -old 데이터셋:"두 숫자"'))).toEqual({ q: '', status: ['finished'] });
  });
});

describe('what can come next', () => {
  const texts = (word: string, m = en) => hints(word, rows, names, m).map((hint) => hint.text);

  it('is a field, then a value that jobs have', () => {
    expect(texts('st')).toEqual(['Status:']);
    expect(texts('acc')).toEqual(['Accuracy>']);
    expect(texts('-mod')).toEqual(['-Model:']);
    expect(texts('model:')).toEqual(['model:resnet18 ', 'model:resnet50 ']);
    expect(texts('Status:fa')).toEqual(['Status:Failed ']);
    expect(texts('상태:실', ko)).toEqual(['상태:실패 ']);
    expect(texts('작업종류:이미지', ko)).toEqual(['작업종류:"이미지 분류" ']);
    expect(texts('colour:')).toEqual([]);
  });

  it('means what it says when it is taken', () => {
    for (const m of [en, ko]) {
      for (const hint of hints('', rows, names, m)) {
        expect(unknown(parse(`${hint.text}1`), names), hint.text).toEqual([]);
      }
      expect(found(texts(`${m.column.status}:${m.status.failed}`, m)[0]!)).toEqual([4]);
    }
  });

  it('is about the word at the cursor', () => {
    const text = 'model:resnet18 dataset:"two words" acc';
    expect(text.slice(...wordAt(text, 3))).toBe('model:resnet18');
    expect(text.slice(...wordAt(text, text.length))).toBe('acc');
    expect(wordAt(text, 28)[0], 'a space within quotes is of the word').toBe(15);
  });
});

it('is filled by keyboard: arrows choose, Enter takes, Escape leaves', async () => {
  i18n.choose('en');
  const change = vi.fn();
  render(FilterInput, { props: { text: '', rows, measurements: names, change } });
  const field = screen.getByRole<HTMLInputElement>('combobox');
  await fireEvent.focus(field);
  await fireEvent.input(field, { target: { value: 'sta' } });
  expect(screen.getAllByRole('option')).toHaveLength(1);
  await fireEvent.keyDown(field, { key: 'ArrowDown' });
  expect(field.getAttribute('aria-activedescendant')).toBe(screen.getByRole('option').id);
  await fireEvent.keyDown(field, { key: 'Enter' });
  expect(field.value).toBe('Status:');
  await vi.waitFor(() => expect(screen.getAllByRole('option').length).toBeGreaterThan(3));
  await fireEvent.keyDown(field, { key: 'Escape' });
  expect(screen.queryAllByRole('option')).toEqual([]);
  await fireEvent.keyDown(field, { key: 'Enter' });
  expect(change).toHaveBeenLastCalledWith('Status:');
  cleanup();
});

describe('the order', () => {
  const order = (id: string, descending: boolean) => sorted(rows, column(id)!, descending, 0).map((one) => one.number);

  it('is by any column, and what is not known comes last either way', () => {
    expect(order('result', true)).toEqual([3, 2, 1, 4]);
    expect(order('result', false)).toEqual([1, 2, 3, 4]);
    expect(order('best:accuracy', true)).toEqual([3, 2, 4, 1]);
    expect(order('model', false)).toEqual([4, 2, 1, 3]);
    expect(order('learning_rate', true)[0]).toBe(2);
    expect(all(names).every((one) => sorted(rows, one, true, 0).length === rows.length)).toBe(true);
  });
});

describe('columns', () => {
  beforeEach(() => localStorage.clear());

  it('have a name each in both languages', () => {
    for (const one of all(names)) {
      expect(label(en, one.id)).not.toBe(one.id);
      expect(label(ko, one.id)).toMatch(/[가-힣]|EMA|mAP/);
    }
  });

  it('are chosen, kept, and never without the way to the job', () => {
    table.choose(['model', 'nonsense', 'model', 'best:ap50']);
    expect(table.columns).toEqual(['number', 'model', 'best:ap50']);
    expect(JSON.parse(localStorage.getItem('trainyard.jobs.columns')!)).toEqual(table.columns);
    table.show('seed', true);
    table.keep('mine', 'q=a');
    table.keep('mine', 'q=b');
    expect(table.views).toEqual([{ name: 'mine', search: 'q=b', columns: ['number', 'model', 'best:ap50', 'seed'] }]);
    table.forget('mine');
    expect(table.views).toEqual([]);
    table.choose(USUAL);
  });
});

describe('a spreadsheet', () => {
  it('gets what there is, and no formula', () => {
    expect(csv(['a', 'b'], [['x,"y"', 1.5]])).toBe('\ufeffa,b\r\n"x,""y""",1.5\r\n');
    expect(csv(['a'], [['=cmd()'], ['@x'], [null]])).toBe("\ufeffa\r\n'=cmd()\r\n'@x\r\n\r\n");
    expect(csv(['a'], [[-1]]), 'a number is no formula').toBe('\ufeffa\r\n-1\r\n');
  });
});

describe('what is done with many', () => {
  const { api, socket, identity } = session;
  const post = vi.fn(async () => ({}));
  beforeEach(() => {
    i18n.choose('en');
    post.mockClear();
    const subscribe = (_: string, told: { initial: (rows: unknown) => void }) => (
      told.initial({ jobs: rows }),
      () => {}
    );
    const editor = { tenant: 'acme', token: { id: 't', name: 'test' }, role: 'editor' as const };
    Object.assign(session, { api: { post }, socket: { subscribe }, identity: editor });
    jobs.follow();
    HTMLDialogElement.prototype.showModal ??= function (this: HTMLDialogElement) {
      this.open = true;
    };
  });
  afterEach(() => {
    cleanup();
    Object.assign(session, { api, socket, identity });
  });

  it('is cancelled only after a question, and only what still runs', async () => {
    render(JobActions, { props: { chosen: new Set([1, 3, 4]) } });
    await fireEvent.click(screen.getByRole('button', { name: 'Cancel 1 job' }));
    expect(post).not.toHaveBeenCalled();
    await fireEvent.click(screen.getByText('Keep them running'));
    expect(post).not.toHaveBeenCalled();
    await fireEvent.click(screen.getByRole('button', { name: 'Cancel 1 job' }));
    await fireEvent.click(screen.getAllByRole('button', { name: 'Cancel 1 job' }).at(-1)!);
    await vi.waitFor(() => expect(post.mock.calls).toEqual([['/v1/jobs/job-1/cancel']]));
  });

  it('is pinned by a press, and let go by another', async () => {
    render(JobActions, { props: { chosen: new Set([3, 1]) } });
    await fireEvent.click(screen.getByRole('button', { name: 'Pin' }));
    expect([...table.pinned].sort()).toEqual(['job-1', 'job-3']);
    cleanup();
    render(JobActions, { props: { chosen: new Set([3, 1]) } });
    await fireEvent.click(screen.getByRole('button', { name: 'Unpin' }));
    expect(table.pinned).toEqual([]);
  });

  it('is compared from two up to ten', () => {
    render(JobActions, { props: { chosen: new Set([3]) } });
    expect(screen.queryByRole('link')).toBeNull();
    cleanup();
    render(JobActions, { props: { chosen: new Set([3, 1]) } });
    expect(screen.getByRole('link').getAttribute('href')).toBe('jobs/compare?jobs=1,3');
  });
});

describe('side by side', () => {
  it('are only measurements that all have, the best told apart by what is better', () => {
    expect(inCommon(rows.filter((one) => one.primary === 'accuracy'))).toEqual(['accuracy', 'loss']);
    expect(inCommon(rows), 'a classifier and a detector have none').toEqual([]);
    expect(bestOf('accuracy', [0.9, 0.95, undefined])).toBe(0.95);
    expect(bestOf('box_loss', [0.9, 0.2])).toBe(0.2);
    expect(bestOf('gap_score', [1, 2]), 'who knows').toBeNull();
    expect(bestOf('accuracy', [0.9, 0.9]), 'none of equals').toBeNull();
    expect(bestOf('accuracy', [0.9, undefined]), 'not of one').toBeNull();
  });

  it('are better or worse in colour, and apart in what their runners were set to', () => {
    const apart = (number: number, accuracy: number, freeze: number) =>
      row(number, { primary: 'accuracy', best: { accuracy, loss: 1 - accuracy } }, { options: { freeze, mixup: 0.1 } });
    render(CompareTable, {
      props: { rows: [apart(1, 0.9, 2), apart(2, 0.95, 2), apart(3, 0.8, 4)], pin: () => {} },
    });
    const marks = [...document.querySelectorAll('.delta')].map((one) => [one.textContent, one.className]);
    expect(marks.map(([, name]) => (/good/.test(name!) ? 'good' : /bad/.test(name!) ? 'bad' : ''))).toEqual([
      'good',
      'bad',
      'good',
      'bad',
    ]);
    const set = screen.getByText('Frozen part').closest('tr')!;
    expect([...set.querySelectorAll('td')].map((one) => one.textContent)).toEqual(['2', '2', '4']);
    expect(screen.queryByText('Mixup'), 'what is the same is not told').toBeNull();
    expect(screen.queryByText('These jobs have the same configuration.')).toBeNull();
  });

  it('say how far they are from the baseline', () => {
    expect(delta('accuracy', 0.95, 0.9)).toBe('+5.00 %p');
    expect(delta('loss', 0.1, 0.4)).toBe('−0.3');
    expect(delta('loss', 1, 1)).toBe('±0');
  });
});
