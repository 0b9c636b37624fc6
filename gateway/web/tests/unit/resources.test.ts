import { expect, it } from 'vitest';
import { asked, offered, wanted } from '../../src/lib/resources';
import type { WorkerRecord } from '../../src/wire/rows';

it('says what a job asks for as the platform does', () => {
  expect(asked({})).toBe('');
  expect(asked({ gpu: 'H100' })).toBe('1 x H100');
  expect(asked({ gpus: 2, gpu: 'H100', gpu_memory_gb: 80, labels: { zone: 'a' } })).toBe('2 x H100, 80 GB, zone=a');
});

it('reads what it has said, and what people write', () => {
  for (const resources of [
    { gpus: 2, gpu: 'H100', gpu_memory_gb: 80, labels: { zone: 'a', rack: '3' } },
    { gpus: 8 },
    { gpus: 1, gpu_memory_gb: 24 },
    { labels: { line: '3호기' } },
  ])
    expect(wanted(asked(resources)), asked(resources)).toEqual(resources);
  expect(wanted('  ')).toBe(null);
  expect(wanted('RTX 4090, 24GB')).toEqual({ gpu: 'RTX 4090', gpu_memory_gb: 24 });
  expect(wanted('zone=a, 4×a100')).toEqual({ gpus: 4, gpu: 'a100', labels: { zone: 'a' } });
  expect(wanted('3 gpus')).toEqual({ gpus: 3 });
  for (const bad of ['9 x H100', '0', '40 GB, 80 GB', 'H100, A100', 'zone=a, zone=b', 'a=b=c', '0 GB'])
    expect(wanted(bad), bad).toBe(undefined);
});

it('says what a worker has for jobs', () => {
  const device = (index: number, kind: string) => ({ index, kind });
  const worker = (more: Partial<WorkerRecord>) => more as WorkerRecord;
  expect(offered(worker({}))).toBe('');
  const devices = [device(0, 'NVIDIA H100'), device(1, 'NVIDIA T4'), device(2, 'NVIDIA H100')];
  expect(offered(worker({ devices, labels: { rack: '3', zone: 'a' } }))).toBe(
    '2 x NVIDIA H100, 1 x NVIDIA T4, rack=3, zone=a',
  );
});
