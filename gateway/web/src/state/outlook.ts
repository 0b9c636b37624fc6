// What to expect of the open proposal of a talk, as the platform tells it.
import { explain } from '../lib/api';
import type { Outlook } from '../wire/api';
import { session } from './session.svelte';

/** Null where it is about another proposal than `hash`, or cannot be told: a proposal can be approved without it. */
export async function outlookOf(chat: string, hash: string): Promise<Outlook | null> {
  try {
    const outlook = await session.api.get<Outlook>(`/v1/chats/${chat}/outlook`);
    return outlook.hash === hash ? outlook : null;
  } catch (error) {
    console.warn('no outlook', explain(error).message);
    return null;
  }
}
