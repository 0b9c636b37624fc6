// Twenty tasks as somebody does them for the first time: `make tasks` prints clicks and seconds for each.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/tasks/**/*.tasks.ts'],
    environment: 'node',
    sequence: { concurrent: false },
    testTimeout: 400_000,
    hookTimeout: 400_000,
    disableConsoleIntercept: true,
  },
});
