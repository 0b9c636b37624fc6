// A platform of its own for the tests: `trainyard up` on a free port, in a folder that is thrown away.
import { spawn, type ChildProcess } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = resolve(fileURLToPath(import.meta.url), '../../../../..');
const BINARY = process.env['TRAINYARD_BIN'] ?? join(ROOT, 'target/debug/trainyard');
const DIGITS = join(ROOT, '.tools/data/digits/train');
const START_MS = 90_000;
const STOP_MS = 30_000;
/** Of each of two digits: enough to learn something in seconds. */
const IMAGES = 60;

function freePort(): Promise<number> {
  return new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => done(port));
    });
  });
}

/** Waits until `ask` gives something, and says what it waited for if that does not come. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | null | undefined | false>,
  limit = 120_000,
): Promise<T> {
  const end = Date.now() + limit;
  for (;;) {
    const found = await ask();
    if (found) return found;
    if (Date.now() > end) throw new Error(`this did not come within ${limit / 1000} s: ${what}`);
    await new Promise((resume) => setTimeout(resume, 100));
  }
}

export class Platform {
  readonly folder = mkdtempSync(join(tmpdir(), 'trainyard-web-'));
  readonly dataset = join(this.folder, 'digits');
  token = '';
  url = '';
  /** Where its servers are, for who is to share them. */
  nats = '';
  private servers: Record<string, string> = {};
  private port = 0;
  private settings: Record<string, string> = {};
  private process: ChildProcess | null = null;
  private log = '';

  /** `settings` are variables, of a platform that people know by this address. */
  static async begin(settings: (url: string) => Record<string, string> = () => ({})): Promise<Platform> {
    for (const [path, how] of [
      [BINARY, 'make test-web'],
      [DIGITS, 'make tools'],
    ] as const) {
      if (!existsSync(path)) throw new Error(`${path} is not there: run ${how} first`);
    }
    const platform = new Platform();
    for (const digit of ['0', '1']) {
      const to = join(platform.dataset, digit);
      mkdirSync(to, { recursive: true });
      const names = readdirSync(join(DIGITS, digit)).slice(0, IMAGES);
      names.forEach((name) => cpSync(join(DIGITS, digit, name), join(to, name)));
    }
    platform.port = await freePort();
    platform.url = `http://127.0.0.1:${platform.port}`;
    platform.settings = settings(platform.url);
    await platform.start();
    return platform;
  }

  /** An image of the dataset. */
  get image(): string {
    const folder = join(this.dataset, '1');
    return join(folder, readdirSync(folder)[0]!);
  }

  async start(): Promise<void> {
    const ready = join(this.folder, 'ready.json');
    rmSync(ready, { force: true });
    const data = join(this.folder, 'data');
    const flags = ['up', '--data', data, '--listen', `127.0.0.1:${this.port}`, '--ready-file', ready];
    // Its data lie wherever a test has put them.
    const env = { ...process.env, TRAINYARD_DATASET_ROOTS: '/', ...this.settings };
    const child = spawn(BINARY, flags, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (this.log += String(text)));
    this.process = child;
    await until(
      'the platform serves',
      async () => {
        if (child.exitCode !== null) throw new Error(`the platform ended:\n${this.log}`);
        return existsSync(ready);
      },
      START_MS,
    );
    const { token, nats, postgres, s3 } = JSON.parse(readFileSync(ready, 'utf8')) as Record<string, string>;
    const credentials = JSON.parse(readFileSync(join(data, 'credentials.json'), 'utf8')) as Record<string, string>;
    [this.token, this.nats] = [token!, nats!];
    this.servers = {
      TRAINYARD_NATS_URL: nats!,
      TRAINYARD_DATABASE_URL: postgres!,
      TRAINYARD_S3_ENDPOINT: s3!,
      TRAINYARD_S3_ACCESS_KEY: credentials['s3_access_key']!,
      TRAINYARD_S3_SECRET_KEY: credentials['s3_secret_key']!,
    };
  }

  /** A further gateway, as a process of its own with a data folder of its own, with the same servers. */
  async gateway(name = 'gateway'): Promise<Gateway> {
    return new Gateway(join(this.folder, name), this.servers, await freePort());
  }

  /** As Ctrl-C does. */
  async stop(): Promise<void> {
    const child = this.process;
    if (!child || child.exitCode !== null) return;
    const ended = new Promise<void>((done) => child.once('exit', () => done()));
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await ended;
    clearTimeout(late);
  }

  async end(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await fetch(this.url + path, {
      method,
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json() as Promise<T>;
  }
}

/** A gateway that can be killed while everything else goes on. */
export class Gateway {
  readonly url: string;
  private process: ChildProcess | null = null;
  private log = '';

  constructor(
    private readonly folder: string,
    private readonly servers: Record<string, string>,
    private readonly port: number,
  ) {
    this.url = `http://127.0.0.1:${port}`;
  }

  async start(settings: Record<string, string> = {}): Promise<void> {
    const flags = ['gateway', '--data', this.folder, '--listen', `127.0.0.1:${this.port}`];
    const env = { ...process.env, ...this.servers, ...settings };
    const child = spawn(BINARY, flags, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (this.log += String(text)));
    this.process = child;
    const answers = async () => {
      if (child.exitCode !== null) throw new Error(`the gateway ended:\n${this.log}`);
      return (await fetch(`${this.url}/readyz`).catch(() => null))?.ok;
    };
    await until('the gateway serves', answers, START_MS);
  }

  /** Without a word to anybody. */
  async kill(): Promise<void> {
    const child = this.process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>((done) => child.once('exit', () => done()));
    child.kill('SIGKILL');
    await ended;
  }
}
