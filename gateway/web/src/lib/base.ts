// Where the page lives: at the root of its origin, or below the path that a proxy gives it. The index says so in its <base>,
// which is why links within the page have no slash at their beginning.

/** With a slash at either end. Read once: the address changes as people go about, and this does not. */
export const base = new URL('.', document.baseURI).pathname;

/** Where a path of the gateway or of the page is to be found, such as `/train/v1/jobs` for `/v1/jobs`. */
export function at(path: string): string {
  return base + path.replace(/^\//, '');
}

/** The other way: what an address means within the page. `null`: it lies elsewhere. */
export function within(pathname: string): string | null {
  return pathname.startsWith(base) ? `/${pathname.slice(base.length)}` : null;
}
