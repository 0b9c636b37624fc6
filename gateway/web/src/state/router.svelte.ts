// Where the page is: paths without a hash, so that the gateway serves any of them. They are the page's own, wherever a proxy
// puts it.
import { at, within } from '../lib/base';

/** Browsers stop taking addresses that come faster than this for long, and a slider's do. */
const WRITE_MS = 400;

/** A part of a path as it was meant; what is no text stays as it is. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The path within the page of the address that is shown. */
function shown(): string {
  return within(location.pathname) ?? '/';
}

class Router {
  path = $state(shown());
  search = $state(location.search);
  /** The address is written again after this; null when it may be written at once. */
  private writing: ReturnType<typeof setTimeout> | null = null;

  constructor() {
    addEventListener('popstate', () => this.read());
    addEventListener('pagehide', () => this.write());
    document.addEventListener('click', (event) => this.click(event));
  }

  get query(): URLSearchParams {
    return new URLSearchParams(this.search);
  }

  /** The parts of the path: `/jobs/7` is `['jobs', '7']`. */
  get parts(): string[] {
    return this.path.split('/').filter(Boolean).map(decoded);
  }

  /** The page is there at once; an address in the place of another follows as fast as the browser takes them. */
  go(to: string, replace = false): void {
    const { pathname, search, hash } = new URL(to, location.origin);
    if (pathname === this.path && search === this.search && hash === location.hash) return this.show(hash);
    const moved = pathname !== this.path;
    if (!replace) {
      this.write();
      history.pushState(null, '', at(pathname) + search + hash);
    }
    [this.path, this.search] = [pathname, search];
    if (replace) this.writeSoon();
    if (moved) scrollTo(0, 0);
    this.show(hash);
  }

  /** A part of a page that is there; a page that is still to come shows it itself. */
  private show(hash: string): void {
    document.getElementById(hash.slice(1))?.scrollIntoView();
  }

  /** Changes one value of the query; null takes it away. */
  set(name: string, value: string | null, replace = true): void {
    const query = this.query;
    if (value === null || value === '') query.delete(name);
    else query.set(name, value);
    this.go(query.size ? `${this.path}?${query}` : this.path, replace);
  }

  private writeSoon(): void {
    if (this.writing !== null) return;
    this.write();
    this.writing = setTimeout(() => {
      this.writing = null;
      if (this.isBehind) this.writeSoon();
    }, WRITE_MS);
  }

  private get isBehind(): boolean {
    return at(this.path) + this.search !== location.pathname + location.search;
  }

  private write(): void {
    if (this.isBehind) history.replaceState(null, '', at(this.path) + this.search);
  }

  /** Somebody went back or forth: what was not written yet was of the page they left. */
  private read(): void {
    if (this.writing !== null) clearTimeout(this.writing);
    this.writing = null;
    this.path = shown();
    this.search = location.search;
  }

  /** Links within the page do not load it again. */
  private click(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
    const link = (event.target as Element).closest('a');
    if (!link || link.origin !== location.origin || link.target || link.hasAttribute('download')) return;
    const path = within(link.pathname);
    if (path === null || /^\/(v1|inference|openapi|metrics|readyz|healthz)/.test(path) || link.hash) return;
    event.preventDefault();
    this.go(path + link.search);
  }
}

export const router = new Router();
