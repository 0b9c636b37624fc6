// What our own trainers say of themselves is said in Korean on a Korean page; what a stranger says stays whole.
import { expect, it } from 'vitest';
import { en } from '../../src/i18n/en';
import { ko } from '../../src/i18n/ko';
import { deviceName, settled } from '../../src/lib/settled';

/** As `workers/vision` and the runners say them. */
const OURS: [string, string][] = [
  ['none', '없음'],
  ['shift by up to 2 pixels', '최대 2픽셀 이동'],
  [
    'random window of 35-100 % area, flip, colour jitter 20 %, erasing, RandAugment of strength 9',
    '넓이 35~100 %인 임의 영역, 좌우 반전, 색 변화 20 %, 일부 지우기, 강도 9의 RandAugment',
  ],
  [
    'mosaic, shift up to 10 %, scale up to 50 %, HSV .015/.7/.4, flip',
    '모자이크, 최대 10 % 이동, 최대 50 % 확대·축소, HSV .015/.7/.4, 좌우 반전',
  ],
  ['until epoch 90, off for the last 10', '90 에폭까지, 마지막 10 에폭은 끔'],
  ['off', '끔'],
  ['at most 10', '최대 10'],
  ['80/20, by content and seed', '80/20, 내용과 시드로 나눔'],
  ["the dataset's own", '데이터셋에 나뉜 대로'],
  ['31 MiB in memory', '메모리에 31 MiB'],
  ['2 arithmetic, 1 decoding', '연산 2, 디코딩 1'],
  ['channels_last', 'channels_last'],
  ['contiguous', '연속 배열'],
  ['float32', 'float32'],
  ['bfloat16; weights, gradients, loss and validation float32', 'bfloat16, 가중치·기울기·손실·검증은 float32'],
  ['float32 since step 12, before that bfloat16', 'float32, 12 스텝부터(그전에는 bfloat16)'],
  ['weights of convolutions and of the head; not norms or biases', '합성곱과 분류층의 가중치(정규화와 편향 제외)'],
  ['3x3 stride 1', '3x3, 스트라이드 1'],
  ['min(0.9998, (1 + step) / (10 + step))', '0.9998, (1 + 스텝) / (10 + 스텝) 중 작은 값'],
  ['0.9999 (1 - e^(-step / 2000))', '0.9999 (1 - e^(-스텝 / 2000))'],
  ['12: there are no more training images', '12장: 학습 이미지가 더 없습니다'],
  ['120 of 122 tensors loaded, head replaced', '텐서 122개 중 120개 불러옴, 분류층 교체'],
  ['0.3170, 0.3170, 0.3170', '0.3170, 0.3170, 0.3170'],
];

it.each(OURS)('says %s in Korean, and in English as it is', (said, korean) => {
  expect(settled(ko, said)).toEqual({ text: korean, isForeign: false });
  expect(settled(en, said).text).toBe(said);
});

it('leaves what it knows only in part whole, and says whose language it is in', () => {
  const strange = 'flip, and a twist of our own';
  expect(settled(ko, strange)).toEqual({ text: strange, isForeign: true });
});

it('says on how many threads a device is', () => {
  expect(deviceName(ko, 'cpu, 2 threads')).toBe('cpu, 스레드 2개');
  expect(deviceName(ko, 'cpu (2 threads)')).toBe('cpu, 스레드 2개');
  expect(deviceName(en, 'cpu, 1 threads')).toBe('cpu, 1 thread');
  expect(deviceName(ko, 'NVIDIA H100 80GB')).toBe('NVIDIA H100 80GB');
});
