// Before every test file: components are taken off the page again, and the interface speaks English.
import { beforeEach } from 'vitest';

beforeEach(() => {
  localStorage.clear();
  document.body.replaceChildren();
});
