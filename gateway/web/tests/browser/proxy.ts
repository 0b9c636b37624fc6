// A proxy in front of gateways, as nginx is without being told more: it serves them below a path, takes the path away, and
// names the gateway as the host.
import { createServer, request, type IncomingMessage, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';

export class Proxy {
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly below: string,
    /** Where the next request goes. */
    public gateway: string,
  ) {
    this.server = createServer((asked, answer) => {
      const passed = request(this.to(asked), { method: asked.method, headers: this.headers(asked) }, (told) => {
        answer.writeHead(told.statusCode!, told.headers);
        told.pipe(answer);
      });
      passed.on('error', () => answer.writeHead(502).end());
      asked.pipe(passed);
    });
    this.server.on('upgrade', (asked: IncomingMessage, client: Socket, begun: Buffer) => {
      const to = this.to(asked);
      const gateway = connect(Number(to.port), to.hostname, () => {
        const lines = Object.entries(this.headers(asked)).map(([name, value]) => `${name}: ${String(value)}`);
        gateway.write([`GET ${to.pathname} HTTP/1.1`, ...lines, '', ''].join('\r\n'));
        gateway.write(begun);
        gateway.pipe(client).pipe(gateway);
      });
      for (const end of [client, gateway]) {
        this.sockets.add(end);
        end.on('error', () => end.destroy());
        end.on('close', () => [client, gateway].forEach((one) => one.destroy()));
      }
    });
  }

  static async begin(below: string, gateway: string): Promise<Proxy> {
    const proxy = new Proxy(below, gateway);
    await new Promise<void>((ready) => proxy.server.listen(0, '127.0.0.1', ready));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}${this.below}`;
  }

  end(): void {
    this.sockets.forEach((socket) => socket.destroy());
    this.server.closeAllConnections();
    this.server.close();
  }

  private to(asked: IncomingMessage): URL {
    const path = asked.url!.startsWith(`${this.below}/`) ? asked.url!.slice(this.below.length) : asked.url!;
    return new URL(path, this.gateway);
  }

  private headers(asked: IncomingMessage) {
    return { ...asked.headers, host: new URL(this.gateway).host };
  }
}
