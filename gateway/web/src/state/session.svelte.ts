// Who the page is: the token, the interface that carries it, and the one socket. A token never stays in an address.
import { i18n } from '../i18n/i18n.svelte';
import { Api, COOKIE } from '../lib/api';
import { LiveSocket, browser, type Link } from '../live/socket';
import type { LoggedOut, Whoami } from '../wire/api';

const KEY = 'trainyard.token';

/** `#token=ty_...`, `#session=company` or `#invitation=...`, which a browser does not send anywhere, and which is taken out of
 * the address at once. */
function fromAddress(): { token: string | null; invitation: string | null } {
  const said = new URLSearchParams(location.hash.slice(1));
  const token = said.get('session') ? COOKIE : said.get('token');
  const invitation = said.get('invitation');
  if (token || invitation) history.replaceState(null, '', location.pathname + location.search);
  return { token, invitation };
}

class Session {
  token = $state('');
  identity = $state.raw<Whoami | null>(null);
  /** The last token was not accepted. */
  refused = $state(false);
  /** What somebody who is asked to come has in their address. */
  invitation = $state<string | null>(null);
  link = $state.raw<Link>({ state: 'connecting', retryAt: null, heardAt: null });
  api = new Api('', () => {});
  socket: LiveSocket | null = null;

  /** The token, for a program of one's own; null where the browser keeps the session and no script has it. */
  get ownToken(): string | null {
    return this.token === COOKIE ? null : this.token;
  }

  /** Whose page it is, for what the browser keeps; a login is another token each time, and the same account. Empty before it is known. */
  get account(): string {
    const { tenant, token } = this.identity ?? {};
    return tenant && token ? [tenant, token.session ? token.name : token.id].join(' ') : '';
  }

  get mayChange(): boolean {
    return this.identity === null || this.identity.role !== 'viewer';
  }

  begin(): void {
    const said = fromAddress();
    this.invitation = said.invitation;
    const token = said.token ?? localStorage.getItem(KEY);
    if (token) this.signIn(token);
    addEventListener('online', () => this.socket?.hurry());
    document.addEventListener('visibilitychange', () => document.hidden || this.socket?.hurry());
  }

  signIn(token: string): void {
    this.socket?.stop();
    this.refused = false;
    this.api = new Api(token, () => this.refuse());
    this.socket = new LiveSocket(
      () => (token === COOKIE ? '' : token),
      browser(() => (i18n.language === 'ko' ? 'korean' : 'english')),
      (link) => this.heard(link),
    );
    localStorage.setItem(KEY, token);
    this.token = token;
    this.socket.start();
  }

  /** A session ends for good, also at the provider where that has such a place; a token only here. */
  async leave(): Promise<void> {
    const asked = this.token === COOKIE ? this.api.post<LoggedOut>('/v1/logout').catch(() => null) : null;
    const left = await asked;
    this.signOut();
    if (left?.provider) location.assign(left.provider);
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
