// A gateway made of answers: the built dashboard, whatever rows a test gives it, and a socket that says what it is told.
// For states that a real fleet would need hours or an accident to be in.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, resolve } from 'node:path';
import type { Duplex } from 'node:stream';
import golden from '../golden/folds.json';
import type { JobRow } from '../../src/wire/rows';

const DIST = resolve(import.meta.dirname, '../../dist');
const INDEX = join(DIST, 'index.html');
const KINDS: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};
const ACCEPT = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const TEXT = 0x1;
const CLOSE = 0x8;

export const template = golden[0]!.steps[5]!.job as unknown as JobRow;
export const epochs = golden[0]!.steps[5]!.epochs;
export const logged = golden[0]!.steps[4]!.event;
export const story = golden.find((one) => one.name === 'a chat')!;
export const jobId = (number: number) => `01890000-0000-7000-8000-${String(number).padStart(12, '0')}`;

/** JSON of an answer, or the bytes of a PNG; undefined is a 404. */
export type Routes = (path: string, query: URLSearchParams) => unknown;
/** The rows a topic begins with; undefined leaves it silent. */
export type Topics = (topic: string) => { sequence: number; rows: unknown } | undefined;

/** A gateway says how far it is every few seconds, or its pages take it for gone. */
const BEAT_MS = 2_000;

export class Answers {
  url = '';
  /** Nothing is said but what `say` says. */
  quiet = false;
  private beat = setInterval(() => {
    if (!this.quiet) this.say({ type: 'watermark', sequence: 0, resume: {} });
  }, BEAT_MS);
  private sockets = new Set<Duplex>();
  private server: Server;

  constructor(routes: Routes, topics: Topics) {
    if (!existsSync(INDEX)) throw new Error('the dashboard is not built: run make web first');
    this.server = createServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url!, 'http://here');
      if (pathname.startsWith('/v1/')) {
        const who = { tenant: 'acme', token: { id: 't', name: 'test' }, role: 'editor' };
        const answer = routes(pathname, searchParams) ?? (pathname === '/v1/whoami' ? who : undefined);
        if (Buffer.isBuffer(answer)) {
          response.writeHead(200, { 'content-type': 'image/png' });
          response.end(answer);
          return;
        }
        response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
        const missing = {
          error: { code: 'not_found', message: 'there is no such thing', next_step: 'look elsewhere' },
        };
        response.end(JSON.stringify(answer ?? missing));
        return;
      }
      const file = join(DIST, pathname);
      if (!extname(pathname) || !existsSync(file)) {
        // As a gateway does it: the index says where everything begins.
        response.writeHead(200, { 'content-type': KINDS['.html']! });
        response.end(readFileSync(INDEX, 'utf8').replace('<base href="./" />', '<base href="/" />'));
        return;
      }
      const compressed = existsSync(`${file}.gz`);
      const headers = { 'content-type': KINDS[extname(file)] ?? 'application/octet-stream' };
      response.writeHead(200, { ...headers, ...(compressed && { 'content-encoding': 'gzip' }) });
      response.end(readFileSync(compressed ? `${file}.gz` : file));
    });
    this.server.on('upgrade', (request, socket) => {
      const key = String(request.headers['sec-websocket-key']);
      const accept = createHash('sha1')
        .update(key + ACCEPT)
        .digest('base64');
      const head = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
      socket.write([...head, `Sec-WebSocket-Accept: ${accept}`, '', ''].join('\r\n'));
      this.sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => this.sockets.delete(socket));
      listen(socket, (text) => {
        const frame = JSON.parse(text) as { type: string; topic?: string };
        if (frame.type === 'auth') send(socket, { type: 'ready', tenant: 'acme' });
        const initial = frame.type === 'subscribe' ? topics(frame.topic!) : undefined;
        if (initial) send(socket, { type: 'initial', topic: frame.topic, resume: 'r', ...initial });
      });
    });
  }

  async open(): Promise<this> {
    await new Promise<void>((done) => this.server.listen(0, '127.0.0.1', done));
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    return this;
  }

  /** To every socket. */
  say(frame: object): void {
    const bytes = framed(frame);
    this.sockets.forEach((socket) => socket.write(bytes));
  }

  close(): void {
    clearInterval(this.beat);
    this.sockets.forEach((socket) => socket.destroy());
    this.server.closeAllConnections();
    this.server.close();
  }
}

function framed(frame: object): Buffer {
  const payload = Buffer.from(JSON.stringify(frame));
  const head = Buffer.alloc(payload.length < 126 ? 2 : payload.length < 65_536 ? 4 : 10);
  head[0] = 0x80 | TEXT;
  head[1] = payload.length < 126 ? payload.length : payload.length < 65_536 ? 126 : 127;
  if (head.length === 4) head.writeUInt16BE(payload.length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(payload.length), 2);
  return Buffer.concat([head, payload]);
}

function send(socket: Duplex, frame: object): void {
  socket.write(framed(frame));
}

/** A browser's frames are whole, masked, and here never long. */
function listen(socket: Duplex, hear: (text: string) => void): void {
  let bytes = Buffer.alloc(0);
  socket.on('data', (data: Buffer) => {
    bytes = Buffer.concat([bytes, data]);
    for (;;) {
      if (bytes.length < 6) return;
      const short = bytes[1]! & 0x7f;
      const at = short === 126 ? 4 : 2;
      const length = short === 126 ? bytes.readUInt16BE(2) : short;
      if (bytes.length < at + 4 + length) return;
      const mask = bytes.subarray(at, at + 4);
      const payload = Buffer.from(bytes.subarray(at + 4, at + 4 + length)).map(
        (byte, index) => byte ^ mask[index % 4]!,
      );
      const kind = bytes[0]! & 0x0f;
      bytes = bytes.subarray(at + 4 + length);
      if (kind === CLOSE) return void socket.end();
      if (kind === TEXT) hear(String(Buffer.from(payload)));
    }
  });
}
