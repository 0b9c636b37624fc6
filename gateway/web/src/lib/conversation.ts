// What a conversation comes to: what became of each proposal, which job came of which approval, what is left to be read
// beside a card. Pure.
import type { ChatMessage, ChatRow, JobRow } from '../wire/rows';

export type Outcome = 'approved' | 'rejected' | 'replaced';

const DECIDING = ['chat.config_proposed', 'chat.proposal_approved', 'chat.proposal_rejected'];

/** What became of a proposal; null while it is open. */
export function outcome(messages: readonly ChatMessage[], chat: ChatRow | null, message: ChatMessage): Outcome | null {
  const newest = messages.findLast((one) => one.kind === 'chat.config_proposed');
  if (message === newest && chat?.proposal?.hash === message.hash) return null;
  const later = messages.find((one) => one.sequence > message.sequence && DECIDING.includes(one.kind));
  if (later?.kind === 'chat.proposal_approved') return 'approved';
  return later?.kind === 'chat.proposal_rejected' ? 'rejected' : 'replaced';
}

/** Jobs by the sequence of the approval they came from: those of one configuration in order. */
export function jobsOf(messages: readonly ChatMessage[], jobs: readonly JobRow[]): Map<number, JobRow> {
  const left = jobs.toSorted((a, b) => a.number - b.number);
  const found = new Map<number, JobRow>();
  for (const message of messages.filter((one) => one.kind === 'chat.proposal_approved')) {
    const at = left.findIndex((row) => row.config_hash === message.hash);
    if (at >= 0) found.set(message.sequence, left.splice(at, 1)[0]!);
  }
  return found;
}

/** The card shows the values: of the words only those beside them are left. */
export function words(message: ChatMessage, offers = false): string {
  // What it lists stands on the buttons below it.
  if (offers && message.choices.length > 0) return message.text.replace(/^- .*\n?/gm, '').trimEnd();
  if (!message.proposal) return message.text;
  return message.text
    .split('\n')
    .filter((line) => !/^(- |주의: |Note: )/.test(line))
    .join('\n');
}

/** A conversation that a program began is titled by the whole proposal: its first line says enough. */
export function firstLine(title: string): string {
  return title.split('\n')[0]!;
}
