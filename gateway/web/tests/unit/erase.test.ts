// What was erased is shown as that, and who may erase is asked first.
import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { i18n } from '../../src/i18n/i18n.svelte';
import type { Listener } from '../../src/live/socket';
import { Chat } from '../../src/state/chat.svelte';
import { Datasets } from '../../src/state/datasets.svelte';
import { session } from '../../src/state/session.svelte';
import ChatHistory from '../../src/ui/ChatHistory.svelte';
import Messages from '../../src/ui/Messages.svelte';
import type { Whoami } from '../../src/wire/api';
import type { PublicEvent } from '../../src/wire/events';
import type { ChatMessage, ChatRow } from '../../src/wire/rows';

const { api, socket } = session;
const at = '2026-03-01T09:30:00Z';
const message: ChatMessage = {
  tenant: 'acme',
  chat: 'c1',
  sequence: 1,
  who: 'user',
  actor: 'user:laptop',
  kind: 'chat.prompt_received',
  text: '',
  because: [],
  choices: [],
  shows: [],
  intent: null,
  proposal: null,
  hash: null,
  erased: true,
  at,
};
const row = { tenant: 'acme', id: 'c1', title: '', first: '', language: 'korean', last_at: at } as unknown as ChatRow;

let erase: ReturnType<typeof vi.fn>;
beforeEach(() => {
  i18n.choose('ko');
  erase = vi.fn(async () => ({ chats: ['c1'], sequence: 9 }));
  Object.assign(session, {
    api: { get: vi.fn(async () => ({ chats: [row], next: null })), delete: erase },
    socket: { subscribe: () => () => {} },
  });
});
afterEach(() => {
  cleanup();
  session.identity = null;
  Object.assign(session, { api, socket });
});

const as = (role: string) =>
  (session.identity = { tenant: 'acme', token: { id: 't', name: 't', expires_at: null }, role } as Whoami);

it('a message that is erased says so, in the language of the page', () => {
  const chat = new Chat('c1');
  [chat.messages, chat.row, chat.state] = [[message], row, 'ready'];
  const nothing = () => undefined;
  render(Messages, { chat, datasets: new Datasets(), decide: nothing, change: nothing });
  expect(screen.getByText('지워진 메시지')).toBeTruthy();
});

it('an admin erases a conversation after being asked', async () => {
  as('admin');
  render(ChatHistory, { id: null, changed: null, open: true, close: () => undefined });
  expect(await screen.findByText('지워진 대화')).toBeTruthy();
  await fireEvent.click(screen.getByRole('button', { name: '지워진 대화 대화의 메시지 지우기' }));
  expect(screen.getByText(/되돌릴 수 없습니다/)).toBeTruthy();
  expect(erase).not.toHaveBeenCalled();
  await fireEvent.click(screen.getByRole('button', { name: '메시지 지우기' }));
  await vi.waitFor(() => expect(erase).toHaveBeenCalledWith('/v1/chats/c1/said'));
});

it('nobody else is offered it', async () => {
  as('editor');
  render(ChatHistory, { id: null, changed: null, open: true, close: () => undefined });
  await screen.findByText('지워진 대화');
  expect(screen.queryByRole('button', { name: /지우기/ })).toBeNull();
});

it('a conversation that is begun elsewhere comes into the list, as long as it is', async () => {
  let told: Listener | null = null;
  Object.assign(session, { socket: { subscribe: (_: string, by: Listener) => ((told = by), () => {}) } });
  render(ChatHistory, { id: null, changed: null, open: true, close: () => undefined });
  await screen.findByText('지워진 대화');
  const other = { ...row, id: 'c2', title: '라인 3 불량', first: '라인 3 불량' };
  vi.mocked(session.api.get).mockResolvedValue({ chats: [other, row], next: null });
  told!.events([{ kind: 'chat.prompt_received', sequence: 41 } as PublicEvent]);
  expect(await screen.findByText('라인 3 불량', {}, { timeout: 3_000 })).toBeTruthy();
  const asked = expect.objectContaining({ wait_for: 41, limit: 50 });
  expect(session.api.get).toHaveBeenLastCalledWith('/v1/chats', asked);
});
