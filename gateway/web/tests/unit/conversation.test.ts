// Conversations: what became of what was proposed, and what was said before the page that is here.
import { afterEach, expect, it, vi } from 'vitest';
import golden from '../golden/folds.json';
import { firstLine, jobsOf, outcome, words } from '../../src/lib/conversation';
import { Chat } from '../../src/state/chat.svelte';
import { session } from '../../src/state/session.svelte';
import type { ChatMessage, ChatRow, JobRow } from '../../src/wire/rows';

const { steps } = golden.find((one) => one.name === 'a chat')!;
const messages = steps.map((step) => step.message as unknown as ChatMessage);
const rowAt = (at: number) => steps[at]!.chat as unknown as ChatRow;
const job = golden[0]!.steps[5]!.job as unknown as JobRow;
const kind = (name: string) => messages.findIndex((message) => message.kind === name);

it('tells what became of each proposal', () => {
  const first = kind('chat.config_proposed');
  const second = messages.findLastIndex((message) => message.kind === 'chat.config_proposed');
  const [approved, rejected] = [kind('chat.proposal_approved'), kind('chat.proposal_rejected')];
  const upTo = (at: number) => messages.slice(0, at + 1);
  expect(outcome(upTo(first), rowAt(first), messages[first]!), 'it is open').toBeNull();
  expect(outcome(upTo(approved), rowAt(approved), messages[first]!)).toBe('approved');
  expect(outcome(upTo(second), rowAt(second), messages[second]!)).toBeNull();
  expect(outcome(upTo(rejected), rowAt(rejected), messages[second]!)).toBe('rejected');
  const again = { ...messages[first]!, sequence: messages[first]!.sequence + 1 };
  expect(outcome([...upTo(first), again], rowAt(first), messages[first]!)).toBe('replaced');
});

it('gives each approval the job that came of it', () => {
  const approval = (sequence: number, hash: string) =>
    ({ ...messages[0]!, kind: 'chat.proposal_approved', sequence, hash }) satisfies ChatMessage;
  const row = (number: number, config_hash: string): JobRow => ({ ...job, number, config_hash });
  const found = jobsOf(
    [approval(3, 'a'), approval(5, 'b'), approval(7, 'a'), approval(9, 'c')],
    [row(4, 'a'), row(3, 'b'), row(2, 'a')],
  );
  expect([...found].map(([sequence, { number }]) => [sequence, number])).toEqual([
    [3, 2],
    [5, 3],
    [7, 4],
  ]);
});

it('leaves of the words what the card does not show', () => {
  const proposed = messages[kind('chat.config_proposed')]!;
  expect(words({ ...proposed, text: 'Here it is.\n- epochs: 3\nNote: few images\nStart?' })).toBe(
    'Here it is.\nStart?',
  );
  expect(words({ ...messages[0]!, text: '- said by a person' })).toBe('- said by a person');
  expect(firstLine('one\ntwo')).toBe('one');
});

const { api, socket } = session;
afterEach(() => Object.assign(session, { api, socket }));

it('reads what was said before, and says when it cannot', async () => {
  let initial: (rows: unknown) => void = () => {};
  const subscribe = vi.fn((_: string, listener: { initial: (rows: unknown) => void }) => {
    initial = listener.initial;
    return () => {};
  });
  const said = (from: number, count: number) =>
    Array.from({ length: count }, (_, at) => ({ ...messages[0]!, sequence: from + at }));
  const get = vi.fn();
  Object.assign(session, { api: { get }, socket: { subscribe } });
  const chat = new Chat('c');
  chat.follow();
  initial({ chat: rowAt(0), messages: said(61, 200) });
  expect(chat.before).toBe(61);

  get.mockRejectedValueOnce(new Error('away'));
  await expect(chat.older()).rejects.toThrow('away');
  expect([chat.before, chat.reading], 'it can be asked for again').toEqual([61, false]);

  get.mockResolvedValueOnce({ messages: said(1, 60), next: null });
  await Promise.all([chat.older(), chat.older()]);
  expect(get, 'a second press asks nothing').toHaveBeenCalledTimes(2);
  expect(get).toHaveBeenLastCalledWith('/v1/chats/c', { before: 61, limit: 200 });
  expect(chat.messages.map((message) => message.sequence)).toEqual(said(1, 260).map(({ sequence }) => sequence));
  expect(chat.before).toBeNull();

  initial({ chat: rowAt(0), messages: said(1, 6) });
  expect(chat.before, 'a short one is whole').toBeNull();
});
