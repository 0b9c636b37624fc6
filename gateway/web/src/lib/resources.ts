// What a job asks of its worker, and what a worker has for jobs, as people say it. Pure.
import type { Resources, WorkerRecord } from '../wire/rows';

/** `2 x H100, 40 GB, zone=a`, as the platform writes it everywhere. */
export function asked({ gpus, gpu, gpu_memory_gb, labels }: Resources): string {
  const count = gpus ?? (gpu || gpu_memory_gb ? 1 : 0);
  const parts = count > 0 ? [`${count} x ${gpu ?? 'GPU'}`] : [];
  if (gpu_memory_gb) parts.push(`${gpu_memory_gb} GB`);
  return [...parts, ...written(labels)].join(', ');
}

/** `2 x NVIDIA H100, 1 x NVIDIA T4, zone=a`; nothing where it gives no GPUs and has no labels. */
export function offered({ devices, labels }: WorkerRecord): string {
  const counts = new Map<string, number>();
  devices?.forEach(({ kind }) => counts.set(kind, (counts.get(kind) ?? 0) + 1));
  return [...[...counts].map(([kind, count]) => `${count} x ${kind}`), ...written(labels)].join(', ');
}

const written = (labels: Record<string, string> = {}) =>
  Object.entries(labels).map(([name, value]) => `${name}=${value}`);
