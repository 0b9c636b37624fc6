// Numbers and sentences as people read them, and as the assistant's grammar does.
import { describe, expect, it } from 'vitest';
import golden from '../golden/folds.json';
import { en } from '../../src/i18n/en';
import { ko } from '../../src/i18n/ko';
import { differences, shown, typed } from '../../src/lib/config';
import { bytes, duration, elapsed, eta, gpu, measurement, share, short, significant } from '../../src/lib/format';
import { classScores, confusion, samples } from '../../src/lib/report';
import type { EpochRow, JobRow } from '../../src/wire/rows';

const row = golden[0]!.steps[5]!.job as unknown as JobRow;
const curve = golden[0]!.steps[5]!.epochs as unknown as EpochRow[];

describe('numbers', () => {
  it('are short, and shares are percent', () => {
    expect(measurement('accuracy', 0.97254)).toBe('97.25 %');
    expect(measurement('map50', 1)).toBe('100 %');
    expect([share(0.97254), share(1), share(null)], 'of a class and at a threshold too').toEqual([
      '97.25 %',
      '100 %',
      '–',
    ]);
    expect(['ap50_95', 'test_ap50', 'ap'].map((name) => measurement(name, 0.324))).toEqual(Array(3).fill('32.40 %'));
    expect(measurement('gap_score', 0.5)).toBe('0.5');
    expect(measurement('loss', 0.41253)).toBe('0.4125');
    expect([0, 0.00001234, 123456789, 0.05].map(significant)).toEqual(['0', '1.23e-5', '1.23e+8', '0.05']);
    expect([850, 11_177_538].map(short)).toEqual(['850', '11.2 M']);
    expect([0, 1023, 1024, 45_012_345].map(bytes)).toEqual(['0 B', '1023 B', '1.0 KiB', '42.9 MiB']);
    expect(gpu({ index: 1, name: 'L4', use_percent: 0, watts: 72 })).toBe('GPU 1 · 0 % · 72 W');
    const times = [0, 42_400, 200_000, 7_500_000, 273_600_000];
    expect(times.map((time) => duration(time, ko.timeUnits))).toEqual([
      '0초',
      '42초',
      '3분 20초',
      '2시간 05분',
      '3일 4시간',
    ]);
    expect(times.map((time) => duration(time, en.timeUnits))).toEqual([
      '0 s',
      '42 s',
      '3 m 20 s',
      '2 h 05 m',
      '3 d 4 h',
    ]);
  });

  it('tell how long a job still takes', () => {
    const at = Date.parse(curve.at(-1)!.at);
    expect(row.status).toBe('training');
    expect(eta(row, curve, at)).toBe((30 - 2) * 12_750);
    expect(eta(row, curve, at + 5_000), 'time passes').toBe((30 - 2) * 12_750 - 5_000);
    expect(eta({ ...row, status: 'finished' }, curve, at)).toBeNull();
    expect(eta({ ...row, epochs_done: 0 }, [], at)).toBeNull();
    expect(elapsed({ ...row, started_at: null }, at)).toBeNull();
  });
});

describe('a configuration', () => {
  it('is shown in words', () => {
    expect(shown(en, 'patience', null)).toBe('off');
    expect(shown(ko, 'task', 'classify')).toBe('이미지 분류');
    expect(shown(en, 'classes', [])).toBe('all of the dataset');
    expect(shown(en, 'seed', 1234567890)).toBe('1234567890');
  });

  it('differs where it differs', () => {
    const other = { ...row.config, epochs: 7, classes: ['ok'] };
    expect(differences([row.config, other])).toEqual(['classes', 'epochs']);
    expect(differences([row.config, { ...row.config }])).toEqual([]);
  });

  it('is changed by what is typed, as the value that it is', () => {
    const typing = (field: Parameters<typeof typed>[0], text: string) => typed(field, text);
    expect(typing('epochs', '30')).toBe(30);
    expect(typing('learning_rate', '1e-4')).toBe(0.0001);
    expect(typing('patience', '')).toBeNull();
    expect(typing('classes', ' cat, dog ,')).toEqual(['cat', 'dog']);
    expect(typing('ema', 'false')).toBe(false);
    expect(typing('optimizer', 'adamw')).toBe('adamw');
    expect(typing('epochs', 'many'), 'the gateway says what is wrong with it').toBe('many');
  });
});

it('says the same things in both languages', () => {
  const keys = (value: object, path = ''): string[] =>
    Object.entries(value).flatMap(([name, one]) =>
      typeof one === 'object' && !Array.isArray(one) ? keys(one as object, `${path}${name}.`) : [`${path}${name}`],
    );
  expect(keys(ko).sort()).toEqual(keys(en).sort());
});

it('speaks of a dataset in quotes: a name is no path, and only so is taken for one', () => {
  for (const { datasets, talk } of [en, ko]) {
    expect(datasets.trainSentence('긁힘@2')).toMatch(/(dataset|데이터셋) "긁힘@2"/);
    expect(talk.useDataset('긁힘')).toMatch(/(dataset|데이터셋은) "긁힘"/);
  }
});

describe('reports', () => {
  it('are read as they are written', () => {
    expect(classScores({ classes: [{ name: 'a', precision: 0.5, recall: null, support: 3 }] })).toEqual([
      { name: 'a', ap: null, ap50: null, precision: 0.5, recall: null, f1: null, support: 3 },
    ]);
    expect(
      confusion({
        classes: ['a', 'b'],
        counts: [
          [1, 2],
          [3, 4],
        ],
      })?.counts[1],
    ).toEqual([3, 4]);
    expect(samples([{ path: 'a.png', truth: 'a', answer: 'b', confidence: 0.9 }])).toHaveLength(1);
  });

  it('that are broken show nothing', () => {
    for (const bad of [null, 7, 'x', [], {}, { classes: 7 }, { classes: ['a'], counts: [[1, 2]] }]) {
      expect(confusion(bad)).toBeNull();
      expect(samples(bad)).toEqual([]);
    }
    expect(classScores(null)).toEqual([]);
  });
});
