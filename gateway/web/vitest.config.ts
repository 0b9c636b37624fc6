// The quick tests: the fold, the socket, charts and components.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { svelteTesting } from '@testing-library/svelte/vite';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [svelte(), svelteTesting()],
  test: { include: ['tests/unit/**/*.test.ts'], environment: 'happy-dom', setupFiles: ['tests/unit/setup.ts'] },
});
