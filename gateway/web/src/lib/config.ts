// How the values of a configuration are shown, compared and spoken of. Pure.
import type { Names } from '../i18n/names/en';
import type { TrainerOption } from '../wire/api';
import type { TrainingConfig } from '../wire/rows';
import { significant, tail } from './format';

/** What is decided about a training. Where it goes on from is not: that follows from the job it continues; nor is what it asks
 * of its worker, which changes nothing of it. */
export type Field = Exclude<keyof TrainingConfig, 'continues' | 'options' | 'resources'>;

/** The ones a person decides about first, in the order they are shown. */
export const MAIN_FIELDS: Field[] = [
  'model',
  'dataset',
  'classes',
  'epochs',
  'image_size',
  'batch_size',
  'learning_rate',
  'optimizer',
  'patience',
  'seed',
  'device',
  'priority',
  'max_cost',
  'max_hours',
];

export const OTHER_FIELDS: Field[] = [
  'task',
  'schedule',
  'warmup_epochs',
  'momentum',
  'weight_decay',
  'label_smoothing',
  'ema',
  'augmentation',
  'resize',
  'initial_weights',
];

export const ALL_FIELDS: Field[] = [...MAIN_FIELDS, ...OTHER_FIELDS];

/** What does nothing where images are remembered and no gradient is followed. */
const IDLE_OF_ANOMALY: readonly Field[] = [
  'epochs',
  'learning_rate',
  'optimizer',
  'patience',
  'schedule',
  'warmup_epochs',
  'momentum',
  'weight_decay',
  'label_smoothing',
  'ema',
  'augmentation',
];

/** Those of the fields that mean something for the task. */
export const fieldsOf = (task: TrainingConfig['task'], fields: readonly Field[]): Field[] =>
  fields.filter((field) => task !== 'anomaly' || !IDLE_OF_ANOMALY.includes(field));

/** What a field can be, where that is a list. */
export const CHOICES: Partial<Record<Field, string[]>> = {
  task: ['classify', 'detect', 'segment', 'pose', 'anomaly'],
  optimizer: ['sgd', 'adam', 'adamw'],
  schedule: ['cosine', 'one_cycle', 'linear', 'constant'],
  augmentation: ['none', 'light', 'standard'],
  resize: ['letterbox', 'stretch', 'crop'],
  device: ['auto', 'cpu', 'gpu'],
  priority: ['low', 'normal', 'high'],
  ema: ['true', 'false'],
};

export const NUMBERS: Field[] = [
  'epochs',
  'image_size',
  'batch_size',
  'learning_rate',
  'momentum',
  'weight_decay',
  'warmup_epochs',
  'label_smoothing',
  'patience',
  'seed',
  'max_cost',
  'max_hours',
];

/** The least and the most that a number can be, both included; the gateway refuses what lies beyond, and so does a test that it
 * is the same there. */
export const RANGES: Partial<Record<Field, readonly [number, number]>> = {
  epochs: [1, 10_000],
  image_size: [8, 2_048],
  batch_size: [1, 4_096],
  learning_rate: [Number.MIN_VALUE, 10],
  momentum: [0, 0.9999],
  weight_decay: [0, 1],
  label_smoothing: [0, 0.5],
  patience: [1, Infinity],
  max_cost: [Number.MIN_VALUE, 1e9],
  max_hours: [Number.MIN_VALUE, 100_000],
};
const WHOLE: Field[] = ['epochs', 'image_size', 'batch_size', 'patience', 'seed'];

/** What is wrong with a text that stands for a value: `number` is none, `range` lies beyond, `whole` has a fraction. */
export function flawOf(field: Field, text: string): 'number' | 'range' | 'whole' | null {
  if (!NUMBERS.includes(field) || (text === '' && NULLABLE.includes(field))) return null;
  const value = Number(text);
  if (text === '' || !Number.isFinite(value)) return 'number';
  if (WHOLE.includes(field) && !Number.isInteger(value)) return 'whole';
  const [low, high] = RANGES[field] ?? [0, Infinity];
  return value < low || value > high ? 'range' : null;
}

/** What may be nothing: no early stopping, no weights to begin with, as much as it takes. */
export const NULLABLE: Field[] = ['patience', 'initial_weights', 'max_cost', 'max_hours'];

/** What follows from the model. */
export const FIXED: Field[] = ['task'];

/** A value as people read it; `short` leaves out the front of a path. */
export function shown(m: Names, field: Field, value: unknown, short = false): string {
  if (field === 'task') return m.task[value as TrainingConfig['task']];
  if (field === 'classes') return (value as string[]).length === 0 ? m.value['all']! : (value as string[]).join(', ');
  if (field === 'patience' && value === null) return m.value['off']!;
  if (field === 'dataset' && value === null) return m.value['missing']!;
  if (value === null || value === undefined) return m.value['none']!;
  if (typeof value === 'boolean') return m.value[value ? 'on' : 'off']!;
  if (field === 'image_size') return `${String(value)} px`;
  if (field === 'seed') return String(value);
  if (typeof value === 'number') return significant(value);
  if (field === 'dataset' && short) return tail(value as string);
  return m.value[value as string] ?? String(value).replaceAll('_', ' ');
}

/** What is changed of a proposal. */
export type ProposalChanges = Partial<Record<Field | 'options' | 'resources', unknown>>;

/** Of a runner's own settings: what it has, by name. */
export type Options = Record<string, TrainerOption>;

/** What is wrong with a text that stands for such a setting. */
export function flawOfOption(option: TrainerOption, text: string): 'number' | 'range' | 'whole' | null {
  if (option.type !== 'integer' && option.type !== 'number') return null;
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) return 'number';
  if (option.type === 'integer' && !Number.isInteger(value)) return 'whole';
  return value < option.low || value > option.high ? 'range' : null;
}

/** The text as the value that it is. */
export function typedOption(option: TrainerOption, text: string): unknown {
  if (option.type === 'boolean') return text === 'true';
  return option.type === 'choice' ? text : Number(text);
}

/** The fields in which some of these differ. */
export function differences(configs: readonly TrainingConfig[]): Field[] {
  const text = (config: TrainingConfig, field: Field) => JSON.stringify(config[field]);
  return ALL_FIELDS.filter((field) => configs.some((config) => text(config, field) !== text(configs[0]!, field)));
}

/** The runners' own settings that some of these have: all of them, and those in which they differ. */
export function ownSettings(configs: readonly TrainingConfig[]): { all: string[]; different: string[] } {
  const given = configs.map((config) => (config.options ?? {}) as Record<string, unknown>);
  const all = [...new Set(given.flatMap((options) => Object.keys(options)))].sort();
  const text = (options: Record<string, unknown>, name: string) => JSON.stringify(options[name] ?? null);
  return {
    all,
    different: all.filter((name) => given.some((options) => text(options, name) !== text(given[0]!, name))),
  };
}

/** What a person has typed, as the value that it is; what is none is refused by the gateway, by name. */
export function typed(field: Field, text: string): unknown {
  if (field === 'classes')
    return text
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '');
  if (field === 'ema') return text === 'true';
  if (text === '' && NULLABLE.includes(field)) return null;
  return NUMBERS.includes(field) && text !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}
