// What a job asks of its worker, and what a worker has for jobs, as people say it. Pure.
import type { Resources, WorkerRecord } from '../wire/rows';

/** `2 x H100, 40 GB, zone=a`, as the platform writes it everywhere. */
export function asked({ gpus, gpu, gpu_memory_gb, labels }: Resources): string {
  const count = gpus ?? (gpu || gpu_memory_gb ? 1 : 0);
  const parts = count > 0 ? [`${count} x ${gpu ?? 'GPU'}`] : [];
  if (gpu_memory_gb) parts.push(`${gpu_memory_gb} GB`);
  return [...parts, ...written(labels)].join(', ');
}

/** As many GPUs as one job can have. */
export const GPUS_MOST = 8;

/** What somebody has written as `asked` writes it, in any order; null asks for nothing, undefined is not to be read. */
export function wanted(text: string): Resources | null | undefined {
  const parts = text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
  if (parts.length === 0) return null;
  const read: Resources = {};
  for (const part of parts) if (!take(read, part)) return undefined;
  return read;
}

/** Whether the part says something that no other has said. */
function take(read: Resources, part: string): boolean {
  const [, count, kind] = /^(\d+)(?:(?:\s*[x×]\s*|\s+)(.+))?$/i.exec(part) ?? [];
  const [, memory] = /^(\d+)\s*GB$/i.exec(part) ?? [];
  const [, label, value] = /^([^=]+)=([^=]+)$/.exec(part) ?? [];
  if (memory !== undefined) return once(read, 'gpu_memory_gb', Number(memory)) && Number(memory) > 0;
  if (label !== undefined) {
    const isNew = !Object.hasOwn(read.labels ?? {}, label.trim());
    read.labels = { ...read.labels, [label.trim()]: value!.trim() };
    return isNew;
  }
  if (count !== undefined && !once(read, 'gpus', Number(count))) return false;
  if (count !== undefined && (Number(count) < 1 || Number(count) > GPUS_MOST)) return false;
  const name = count === undefined ? part : kind;
  if (name?.includes('=')) return false;
  return name === undefined || /^gpus?$/i.test(name) || once(read, 'gpu', name);
}

function once<K extends 'gpus' | 'gpu' | 'gpu_memory_gb'>(read: Resources, name: K, value: Resources[K]): boolean {
  if (read[name] !== undefined) return false;
  read[name] = value;
  return true;
}

/** `2 x NVIDIA H100, 1 x NVIDIA T4, zone=a`; nothing where it gives no GPUs and has no labels. */
export function offered({ devices, labels }: WorkerRecord): string {
  const counts = new Map<string, number>();
  devices?.forEach(({ kind }) => counts.set(kind, (counts.get(kind) ?? 0) + 1));
  return [...[...counts].map(([kind, count]) => `${count} x ${kind}`), ...written(labels)].join(', ');
}

const written = (labels: Record<string, string> = {}) =>
  Object.entries(labels).map(([name, value]) => `${name}=${value}`);
