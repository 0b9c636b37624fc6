import { expect, it } from 'vitest';
import { asked, offered } from '../../src/lib/resources';
import type { WorkerRecord } from '../../src/wire/rows';

it('says what a job asks for as the platform does', () => {
  expect(asked({})).toBe('');
  expect(asked({ gpu: 'H100' })).toBe('1 x H100');
  expect(asked({ gpus: 2, gpu: 'H100', gpu_memory_gb: 80, labels: { zone: 'a' } })).toBe('2 x H100, 80 GB, zone=a');
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
