// How the values of a configuration are shown, compared and spoken of. Pure.
import type { Messages } from '../i18n/en';
import type { TrainingConfig } from '../wire/rows';
import { significant, tail } from './format';

/** What is decided about a training. Where it goes on from is not: that follows from the job it continues. */
export type Field = Exclude<keyof TrainingConfig, 'continues'>;

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

/** What a field can be, where that is a list. */
export const CHOICES: Partial<Record<Field, string[]>> = {
  task: ['classify', 'detect', 'segment', 'pose'],
  optimizer: ['sgd', 'adam', 'adamw'],
  schedule: ['cosine', 'one_cycle', 'linear', 'constant'],
  augmentation: ['none', 'light', 'standard'],
  resize: ['letterbox', 'stretch', 'crop'],
  device: ['auto', 'cpu', 'gpu'],
  priority: ['low', 'normal', 'high'],
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
];

/** What can be said in a sentence, and so be changed in a conversation. */
export const SPOKEN: Field[] = MAIN_FIELDS.filter((field) => field !== 'classes');

/** A value as people read it; `short` leaves out the front of a path. */
export function shown(m: Messages, field: Field, value: unknown, short = false): string {
  if (field === 'task') return m.task[value as TrainingConfig['task']];
  if (field === 'classes') return (value as string[]).length === 0 ? m.value['all']! : (value as string[]).join(', ');
  if (field === 'patience' && value === null) return m.value['off']!;
  if (field === 'dataset' && value === null) return m.value['missing']!;
  if (value === null) return m.value['none']!;
  if (typeof value === 'boolean') return m.value[value ? 'on' : 'off']!;
  if (field === 'image_size') return `${String(value)} px`;
  if (field === 'seed') return String(value);
  if (typeof value === 'number') return significant(value);
  if (field === 'dataset' && short) return tail(value as string);
  return m.value[value as string] ?? String(value).replaceAll('_', ' ');
}

/** The fields in which some of these differ. */
export function differences(configs: readonly TrainingConfig[]): Field[] {
  const text = (config: TrainingConfig, field: Field) => JSON.stringify(config[field]);
  return ALL_FIELDS.filter((field) => configs.some((config) => text(config, field) !== text(configs[0]!, field)));
}

/** One sentence that asks for the changed values, in the words that the grammar of the assistant reads. */
export function sentence(m: Messages, changes: Partial<Record<Field, string>>): string {
  const parts = Object.entries(changes).map(([field, value]) => {
    const name = field === 'patience' ? 'patience' : m.field[field]!.toLowerCase();
    return m.talk.changePart(name, m.value[value] ?? value);
  });
  return m.talk.change(parts);
}
