// How the dashboard is built: into dist/, with a gzipped copy of every text beside it.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Plugin } from 'vite';

const GATEWAY = process.env['TRAINYARD_URL'] ?? 'http://127.0.0.1:7700';

/** The gateway sends these where the browser takes them; it compresses nothing itself. */
function gzipped(): Plugin {
  return {
    name: 'gzipped',
    apply: 'build',
    closeBundle() {
      for (const entry of readdirSync('dist', { recursive: true, withFileTypes: true })) {
        const path = join(entry.parentPath, entry.name);
        if (entry.isFile() && /\.(js|css|html|svg)$/.test(path)) {
          writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 9 }));
        }
      }
    },
  };
}

/** The server of `npm run dev` gives every path the same index, which begins at the root. */
function rooted(): Plugin {
  return {
    name: 'rooted',
    apply: 'serve',
    transformIndexHtml: (html) => html.replace('<base href="./" />', '<base href="/" />'),
  };
}

/** Charts, and their library, are read with the first of them. */
const DRAWN =
  'JobCurves|PrecisionRecall|CompareCurves|MainCurve|Threshold|ModelCalls|ChartScale|ChartTools|JobResults|JobPeek';
const isCharts = (id: string) => new RegExp(`/node_modules/uplot/|/src/(charts/|ui/(${DRAWN})\\.)`).test(id);
/** A language is read alone. */
const isShared = (id: string) => /\/src\/(?!i18n\/(en|ko|names)|routes)/.test(id) && !isCharts(id);
const GROUPS = [
  { name: 'shared', test: isShared, minShareCount: 2, priority: 2 },
  // What they need of the page is not of their group, or the page would wait for them.
  { name: 'charts', test: isCharts, minShareCount: 2, priority: 1, includeDependenciesRecursively: false },
  // Small pages are packed better together, and with what only they have.
  { name: 'lists', test: /\/src\/routes\/(Models|Datasets|Events|NotFound)\./, priority: 1 },
];

export default defineConfig(({ mode }) => ({
  plugins: [svelte(), gzipped(), rooted()],
  // No assets as data: URLs, so that everything has a name and a hash.
  // Relative, so that a proxy may serve the page below any path.
  base: './',
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Many small files are packed worse than few: one of styles, and one of what two pages or more have alike.
    cssCodeSplit: false,
    rolldownOptions: { output: { codeSplitting: { groups: GROUPS } } },
  },
  resolve: mode === 'test' ? { conditions: ['browser'] } : {},
  server: {
    proxy: {
      '/v1': { target: GATEWAY, ws: true },
      '/inference': GATEWAY,
      '/readyz': GATEWAY,
    },
  },
}));
