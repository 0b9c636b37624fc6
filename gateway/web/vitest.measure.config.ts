// Measurements, which pass whatever they find: `make measure` prints them.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/measure/**/*.measure.ts'],
    environment: 'node',
    fileParallelism: false,
    testTimeout: 3 * 3_600_000,
    hookTimeout: 120_000,
    disableConsoleIntercept: true,
  },
});
