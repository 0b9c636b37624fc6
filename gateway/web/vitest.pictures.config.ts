// The pictures of README and docs, made anew: `make pictures`.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/pictures/**/*.pictures.ts'],
    environment: 'node',
    sequence: { concurrent: false },
    bail: 1,
    testTimeout: 400_000,
    hookTimeout: 120_000,
  },
});
