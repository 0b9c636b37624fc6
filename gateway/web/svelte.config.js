// How Svelte compiles: runes everywhere, and styles in files, because the page's policy allows no inline ones.
export default { compilerOptions: { runes: true, css: 'external' } };
