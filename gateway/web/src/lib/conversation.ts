// What a conversation comes to: what became of each proposal, which job came of which approval, what is left to be read
// beside a card. Pure.
import type { ChatMessage, ChatRow, Choice, JobRow, Proposal } from '../wire/rows';

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

/** The proposal that one has taken the place of; null of the first one, and of one after a decision. */
export function former(messages: readonly ChatMessage[], { sequence }: ChatMessage): Proposal | null {
  const last = messages.findLast((one) => one.sequence < sequence && DECIDING.includes(one.kind));
  return last?.kind === 'chat.config_proposed' ? last.proposal : null;
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
  let lines = message.text.split('\n');
  if (message.proposal) lines = lines.filter((line) => !/^(- |주의: |Note: )/.test(line));
  for (const { show } of message.shows) {
    if (show === 'comparison') lines = lines.filter((line) => !line.startsWith('|'));
    if (show === 'jobs') lines = lines.filter((line) => !line.startsWith('- '));
    // With the line that says in which order they are.
    if (show === 'results') lines = lines.filter((line, at) => !/^- /.test(line) && !/^- /.test(lines[at + 1] ?? ''));
  }
  if (!offers) return lines.join('\n').trimEnd();
  return message.choices.reduce(withoutChoice, lines.join('\n')).trimEnd();
}

/** What stands on the button below it: the line that lists it, and the sentence that says to say it. */
function withoutChoice(text: string, { say, what }: Choice): string {
  const listed = [`- "${say}"`, `- ${what}`];
  const lines = text.split('\n').filter((line) => !listed.some((one) => line.startsWith(one)));
  const quoted = say.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return lines.join('\n').replace(new RegExp(` ?[^.!?\\n]*"${quoted}"[^.!?\\n]*[.!?]?`, 'g'), '');
}

/** A conversation that a program began is titled by the whole proposal: its first line says enough. */
export function firstLine(title: string): string {
  return title.split('\n')[0]!;
}
