// The keys that work anywhere on the page: what each asks for, unless somebody is typing. Pure.
import type { PageName } from '../state/places.svelte';

export const GO_KEYS: Record<PageName, string> = {
  home: 'h',
  talk: 't',
  jobs: 'j',
  events: 'e',
  fleet: 'w',
  datasets: 'd',
  models: 'm',
  try: 'y',
};

export type Wish = 'palette' | 'shortcuts' | 'search' | 'go' | PageName;

interface Pressed {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
}

/** What a key asks for; `leading` where the one before it was the `g` of a place to go to. */
export function wished(pressed: Pressed, typing: boolean, leading: boolean): Wish | null {
  const { key, ctrlKey, metaKey, altKey } = pressed;
  if ((ctrlKey || metaKey) && !altKey) return key.toLowerCase() === 'k' ? 'palette' : null;
  if (typing || altKey) return null;
  if (leading) {
    const page = Object.entries(GO_KEYS).find(([, letter]) => letter === key);
    return (page?.[0] as PageName | undefined) ?? null;
  }
  return key === '?' ? 'shortcuts' : key === '/' ? 'search' : key === 'g' ? 'go' : null;
}

/** Whether what has the keyboard takes letters. */
export function isTyping(element: Element | null): boolean {
  if (element?.matches('textarea, select, [contenteditable]')) return true;
  return element?.matches('input:not([type=checkbox], [type=radio], [type=range])') ?? false;
}
