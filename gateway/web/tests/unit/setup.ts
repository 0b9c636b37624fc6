// Before every test file: components are taken off the page again, and the interface speaks English.
import { beforeEach } from 'vitest';
import { i18n } from '../../src/i18n/i18n.svelte';

await Promise.all([i18n.read('en'), i18n.read('ko')]);

beforeEach(() => {
  localStorage.clear();
  document.body.replaceChildren();
});
