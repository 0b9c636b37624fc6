// The slow tests: the whole road, from a sentence to a model that answers, in a real Chromium on a real platform.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/browser/**/*.test.ts'],
    environment: 'node',
    // One platform and one browser; each test goes on where the one before it ended.
    sequence: { concurrent: false },
    bail: 1,
    // What a page shows comes when it comes: an expectation of it waits (`expect.poll`).
    expect: { poll: { timeout: 30_000, interval: 100 } },
    testTimeout: 400_000,
    hookTimeout: 120_000,
  },
});
