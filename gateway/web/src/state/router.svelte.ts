// Where the page is: paths without a hash, so that the gateway serves any of them.

class Router {
  path = $state(location.pathname);
  search = $state(location.search);

  constructor() {
    addEventListener('popstate', () => this.read());
    document.addEventListener('click', (event) => this.click(event));
  }

  get query(): URLSearchParams {
    return new URLSearchParams(this.search);
  }

  /** The parts of the path: `/jobs/7` is `['jobs', '7']`. */
  get parts(): string[] {
    return this.path.split('/').filter(Boolean).map(decodeURIComponent);
  }

  go(to: string, replace = false): void {
    if (to === location.pathname + location.search) return;
    if (replace) history.replaceState(null, '', to);
    else history.pushState(null, '', to);
    const moved = this.path !== location.pathname;
    this.read();
    if (moved) scrollTo(0, 0);
  }

  /** Changes one value of the query; null takes it away. */
  set(name: string, value: string | null, replace = true): void {
    const query = this.query;
    if (value === null || value === '') query.delete(name);
    else query.set(name, value);
    this.go(query.size ? `${this.path}?${query}` : this.path, replace);
  }

  private read(): void {
    this.path = location.pathname;
    this.search = location.search;
  }

  /** Links within the page do not load it again. */
  private click(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
    const link = (event.target as Element).closest('a');
    if (!link || link.origin !== location.origin || link.target || link.hasAttribute('download')) return;
    if (/^\/(v1|inference|openapi|metrics|readyz|healthz)/.test(link.pathname) || link.hash) return;
    event.preventDefault();
    this.go(link.pathname + link.search);
  }
}

export const router = new Router();
