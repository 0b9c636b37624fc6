// Texts for the clipboard, also where the browser has none to offer: it does so on https and on loopback only.

/** Whether `text` is on the clipboard now. `near` is an element beside which a field may stand for a moment. */
export async function copied(text: string, near: Element): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return selected(text, near);
  }
}

/** The old way: a field that is selected and copied as if by hand. Behind a dialog nothing can be selected. */
function selected(text: string, near: Element): boolean {
  const held = document.activeElement;
  const field = document.createElement('textarea');
  field.value = text;
  field.className = 'hidden';
  near.after(field);
  field.focus();
  field.select();
  try {
    return document.execCommand('copy');
  } catch {
    return false;
  } finally {
    field.remove();
    if (held instanceof HTMLElement) held.focus();
  }
}
