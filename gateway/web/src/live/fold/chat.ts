// Folds events into a conversation and its messages, as the projections do.
import { isChatEvent, subjectId, type PublicEvent } from '../events';
import type { ChatMessage, ChatRow } from '../../wire/rows';

const TITLE_CHARS = 80;

/** The message that an event is; null if nothing is said with it in a chat. */
export function messageOf(event: PublicEvent): ChatMessage | null {
  if (!isChatEvent(event) || event.kind === 'chat.annotated' || event.kind === 'chat.prompts_erased') return null;
  const message: ChatMessage = {
    tenant: event.tenant,
    chat: subjectId(event),
    sequence: event.sequence,
    who: 'trainyard',
    actor: event.actor,
    kind: event.kind,
    text: '',
    because: [],
    choices: [],
    shows: [],
    intent: null,
    proposal: null,
    hash: null,
    erased: false,
    at: event.at,
  };
  switch (event.kind) {
    case 'chat.prompt_received':
      return { ...message, who: 'user', text: event.body.text };
    case 'chat.config_proposed': {
      const { proposal, reply, choices = [] } = event.body;
      return { ...message, text: reply, proposal, hash: proposal.hash, choices };
    }
    case 'chat.reply_given': {
      const { reply, intent, because = [], choices = [], shows = [] } = event.body;
      return { ...message, text: reply, intent, because, choices, shows };
    }
    default:
      return { ...message, text: event.body.reply, hash: event.body.hash };
  }
}

export function foldChat(row: ChatRow | null, event: PublicEvent): ChatRow | null {
  if (row && event.kind === 'chat.annotated') {
    if (event.sequence <= row.sequence) return row;
    const { title, archived } = event.body;
    return { ...row, title: title || row.first, archived, sequence: event.sequence };
  }
  // The socket has the rows read anew: what was said is in them no more.
  if (row && event.kind === 'chat.prompts_erased') {
    return event.sequence <= row.sequence ? row : { ...row, title: '', first: '', sequence: event.sequence };
  }
  const message = messageOf(event);
  if (!message || !isChatEvent(event)) return row;
  if (row && event.sequence <= row.sequence) return row;
  const first = Array.from(message.text).slice(0, TITLE_CHARS).join('');
  const next: ChatRow = row ?? {
    tenant: message.tenant,
    id: message.chat,
    title: first,
    first,
    archived: false,
    language: null,
    proposal: null,
    messages: 0,
    created_at: event.at,
    last_at: event.at,
    quarantine: null,
    sequence: 0,
  };
  const after = { ...next, messages: next.messages + 1, last_at: event.at, sequence: event.sequence };
  switch (event.kind) {
    case 'chat.prompt_received':
      return { ...after, ...begunAnew(next, first), language: event.body.language };
    case 'chat.config_proposed':
      return { ...after, proposal: event.body.proposal };
    case 'chat.reply_given':
      return after;
    default:
      return { ...after, proposal: null };
  }
}

/** Where the beginning is erased, the next prompt is the first one. */
function begunAnew(row: ChatRow, said: string): Pick<ChatRow, 'title' | 'first'> {
  const first = row.first || said;
  return { first, title: row.title || first };
}
