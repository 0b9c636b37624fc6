// The gateway's REST interface: every call carries the token, ends within a deadline, and fails in one form.
import { i18n } from '../i18n/i18n.svelte';
import type { Code, ErrorAnswer } from '../wire/api';
import { at } from './base';

/** Longer would only hide that the gateway is away. */
const DEADLINE_MS = 20_000;
/** A model that nobody has asked yet is loaded first; the gateway itself gives up after a minute. */
const PREDICT_DEADLINE_MS = 60_000;
/** Slower than this, an upload stands still. */
const UPLOAD_BYTES_EACH_MS = 16;

/** In the place of a token: the browser keeps the session, and no script reads it. */
export const COOKIE = 'cookie';

/** A random UUID. The browser's own is only there on https and on loopback, and a fleet is looked at from elsewhere. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5');
}

/** What went wrong, and what the reader can do next, in the gateway's words. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: Code | 'slow' | 'unreachable' | 'unknown',
    message: string,
    readonly nextStep: string,
  ) {
    super(message);
  }
}

export class Api {
  /** Milliseconds that the gateway's clock is ahead of this one; 0 within what its header can tell. */
  skew = 0;

  constructor(
    readonly token: string,
    private readonly onRefused: () => void,
  ) {}

  get<T>(path: string, query: Record<string, string | number | null | undefined> = {}): Promise<T> {
    const pairs = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== '');
    const search = new URLSearchParams(pairs.map(([name, value]) => [name, String(value)]));
    return this.ask('GET', search.size ? `${path}?${search}` : path);
  }

  /** `key` makes a repeated call the same call. */
  post<T>(path: string, body: unknown = {}, key: string = newKey()): Promise<T> {
    return this.ask('POST', path, JSON.stringify(body), {
      'content-type': 'application/json',
      'idempotency-key': key,
    });
  }

  patch<T>(path: string, body: unknown, key: string = newKey()): Promise<T> {
    return this.ask('PATCH', path, JSON.stringify(body), {
      'content-type': 'application/json',
      'idempotency-key': key,
    });
  }

  put<T>(path: string, body: unknown, key: string = newKey()): Promise<T> {
    return this.ask('PUT', path, JSON.stringify(body), {
      'content-type': 'application/json',
      'idempotency-key': key,
    });
  }

  delete<T>(path: string): Promise<T> {
    return this.ask('DELETE', path);
  }

  /** Objects less sure than `confidence` are not told. */
  predict<T>(job: string, image: File, confidence: number): Promise<T> {
    const form = new FormData();
    form.append('image', image);
    return this.ask('POST', `/inference/${job}/predict?confidence=${confidence}`, form, {}, PREDICT_DEADLINE_MS);
  }

  /** Files into the store, each under its hash. Sent twice is sent once. */
  store<T>(files: readonly { sha256: string; file: Blob }[], cancel: AbortSignal): Promise<T> {
    const form = new FormData();
    files.forEach(({ sha256, file }) => form.append(sha256, file));
    const bytes = files.reduce((sum, { file }) => sum + file.size, 0);
    const deadline = DEADLINE_MS + Math.round(bytes / UPLOAD_BYTES_EACH_MS);
    return this.ask('POST', '/v1/blobs', form, {}, deadline, cancel);
  }

  blob(path: string): Promise<Blob> {
    return this.response('GET', path, (response) => response.blob());
  }

  /** An image of a dataset. Its address names its content: the browser may keep it. */
  picture(path: string, cancel: AbortSignal): Promise<Blob> {
    const take = (response: Response) => response.blob();
    return this.response('GET', path, take, undefined, {}, DEADLINE_MS, cancel, 'default');
  }

  private ask<T>(
    method: string,
    path: string,
    body?: BodyInit,
    headers = {},
    deadline = DEADLINE_MS,
    cancel?: AbortSignal,
  ): Promise<T> {
    return this.response(method, path, (response) => response.json() as Promise<T>, body, headers, deadline, cancel);
  }

  /** What `take` makes of an answer that grants what was asked. */
  private async response<T>(
    method: string,
    path: string,
    take: (response: Response) => Promise<T>,
    body?: BodyInit,
    headers = {},
    deadline = DEADLINE_MS,
    cancel?: AbortSignal,
    cache: RequestCache = 'no-store',
  ): Promise<T> {
    const late = AbortSignal.timeout(deadline);
    const signal = cancel ? AbortSignal.any([late, cancel]) : late;
    // What the platform writes for people, such as why a value is recommended, is written in the language of the page.
    const authorization = this.token === COOKIE ? {} : { authorization: `Bearer ${this.token}` };
    const all = { ...headers, ...authorization, 'accept-language': i18n.language };
    const request: RequestInit = { method, headers: all, signal, cache };
    if (body !== undefined) request.body = body;
    const m = i18n.m.error;
    let response: Response;
    try {
      response = await fetch(at(path), request);
      this.learnTime(response);
      // A network can go in the middle of an answer too.
      if (response.ok) return await take(response);
    } catch {
      cancel?.throwIfAborted();
      if (late.aborted) {
        throw new ApiError(0, 'slow', m.slow(deadline / 1_000), m.slowNext);
      }
      throw new ApiError(0, 'unreachable', m.unreachable, m.unreachableNext);
    }
    if (response.status === 401) this.onRefused();
    const { error } = (await response.json().catch(() => ({}))) as Partial<ErrorAnswer>;
    throw new ApiError(
      response.status,
      error?.code ?? 'unknown',
      error?.message ?? m.unexplained(response.status),
      error?.next_step ?? m.slowNext,
    );
  }

  private learnTime(response: Response): void {
    const date = Date.parse(response.headers.get('date') ?? '');
    if (Number.isNaN(date)) return;
    // The header has whole seconds; only a clock that is wrong by more than that is corrected.
    const skew = date + 500 - Date.now();
    this.skew = Math.abs(skew) > 2_000 ? skew : 0;
  }
}

/** The two lines an error shows. */
export function explain(error: unknown): { message: string; nextStep: string } {
  if (error instanceof ApiError) return { message: error.message, nextStep: error.nextStep };
  return { message: error instanceof Error ? error.message : String(error), nextStep: '' };
}
