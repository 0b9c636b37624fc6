// Who the page is: the token, the interface that carries it, and the one socket. A token never stays in an address.
import { i18n } from '../i18n/i18n.svelte';
import { Api } from '../lib/api';
import { LiveSocket, browser, type Link } from '../live/socket';
import type { Whoami } from '../wire/api';

const KEY = 'trainyard.token';

/** `#token=ty_...`, which a browser does not send anywhere, and which is taken out of the address at once. */
function fromAddress(): string | null {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token) history.replaceState(null, '', location.pathname + location.search);
  return token;
}

class Session {
  token = $state('');
  identity = $state.raw<Whoami | null>(null);
  /** The last token was not accepted. */
  refused = $state(false);
  link = $state.raw<Link>({ state: 'connecting', retryAt: null, heardAt: null });
  api = new Api('', () => {});
  socket: LiveSocket | null = null;

  get mayChange(): boolean {
    return this.identity === null || this.identity.role !== 'viewer';
  }

  begin(): void {
    const token = fromAddress() ?? localStorage.getItem(KEY);
    if (token) this.signIn(token);
    addEventListener('online', () => this.socket?.hurry());
    document.addEventListener('visibilitychange', () => document.hidden || this.socket?.hurry());
  }

  signIn(token: string): void {
    this.socket?.stop();
    this.refused = false;
    this.api = new Api(token, () => this.refuse());
    this.socket = new LiveSocket(
      () => token,
      browser(() => (i18n.language === 'ko' ? 'korean' : 'english')),
      (link) => this.heard(link),
    );
    localStorage.setItem(KEY, token);
    this.token = token;
    this.socket.start();
  }

  signOut(): void {
    this.socket?.stop();
    this.socket = null;
    localStorage.removeItem(KEY);
    this.token = '';
    this.identity = null;
  }

  private heard(link: Link): void {
    this.link = link;
    if (link.state === 'refused') this.refuse();
    else if (link.state === 'live' && !this.identity) void this.who();
  }

  private refuse(): void {
    if (!this.token) return;
    this.signOut();
    this.refused = true;
  }

  private async who(): Promise<void> {
    // Only for showing and for hiding what would be refused anyway; the next connection asks again.
    this.identity = await this.api.get<Whoami>('/v1/whoami').catch(() => null);
  }
}

export const session = new Session();
