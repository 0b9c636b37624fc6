// What of an answer is read, what is drawn and what is on buttons: each is there once.
import { describe, expect, it } from 'vitest';
import golden from '../golden/folds.json';
import { words } from '../../src/lib/conversation';
import type { ChatMessage } from '../../src/wire/rows';

const said = golden.find((one) => one.name === 'a chat')!.steps[2]!.message as unknown as ChatMessage;
const answer = (text: string, changes: Partial<ChatMessage>): ChatMessage => ({ ...said, text, ...changes });
const jobs = ['a', 'b'];

describe('the words of an answer', () => {
  it('leave out the table that is drawn', () => {
    const table = '|  | 작업 1 | 작업 2 |\n| --- | --- | --- |\n| 상태 | 완료 | 완료 |\n';
    const verdict = '정확도 기준으로 작업 2가 가장 좋습니다(95.00 %).';
    expect(words(answer(table + verdict, { shows: [{ show: 'comparison', jobs }] }))).toBe(verdict);
    expect(words(answer(table + verdict, { shows: [] })), 'who sees no drawing reads it').toBe(table + verdict);
  });

  it('leave out the list that is drawn, and the order it is in', () => {
    const list = 'Your latest jobs:\n- Job 2 (resnet18, data/a): finished, 3/3';
    expect(words(answer(list, { shows: [{ show: 'jobs', jobs }] }))).toBe('Your latest jobs:');
    const results = 'Job 2: the best of 3 epochs is 2.\nBy class, the lowest recall first:\n- a: recall 0.5\nDone.';
    expect(words(answer(results, { shows: [{ show: 'results', job: 'a' }] }))).toBe(
      'Job 2: the best of 3 epochs is 2.\nDone.',
    );
  });

  it('leave out what is on the buttons, and nothing else', () => {
    const choices = [
      { say: 'show the results of job 3', what: 'the measurements' },
      { say: 'resume job 3', what: 'the stopped job goes on' },
    ];
    const text = 'Job 3 has finished: 2 epochs. Best: accuracy 98.33 %. For more, say "show the results of job 3".';
    const bare = 'Job 3 has finished: 2 epochs. Best: accuracy 98.33 %.';
    expect(words(answer(text, { choices }), true)).toBe(bare);
    expect(words(answer(text, { choices })), 'an older answer has no buttons').toBe(text);
    const korean = [{ say: '작업 3 결과 보여줘', what: '측정값을 봅니다' }];
    expect(
      words(
        answer('작업 3은 끝났습니다: 2 에폭. 최고 정확도 98.33 %. 자세히 보려면 "작업 3 결과 보여줘"라고 하세요.', {
          choices: korean,
        }),
        true,
      ),
    ).toBe('작업 3은 끝났습니다: 2 에폭. 최고 정확도 98.33 %.');
    const listed = 'Which one?\n- "resume job 3": the stopped job goes on\n- a class: recall 0.5';
    expect(words(answer(listed, { choices }), true)).toBe('Which one?\n- a class: recall 0.5');
  });
});
