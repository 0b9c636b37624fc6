// The page stays small: everything in one language, as it was built last (`make web`).
import { expect, it } from 'vitest';
import { bundle } from '../measure/bundle';

const MOST_BYTES = 250_000;

it('is loaded whole, in one language, below a quarter of a megabyte', () => {
  const { english } = bundle();
  expect(english).toBeGreaterThan(50_000);
  expect(english).toBeLessThan(MOST_BYTES);
});
