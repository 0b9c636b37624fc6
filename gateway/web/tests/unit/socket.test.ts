// The socket on a gateway made of frames: nothing lost, nothing twice, and told when it is away.
import { describe, expect, it } from 'vitest';
import { LiveSocket, type Listener, type WebSocketLike } from '../../src/live/socket';
import type { PublicEvent } from '../../src/live/events';

class Fake implements WebSocketLike {
  sent: Record<string, unknown>[] = [];
  closed = false;
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  send(text: string) {
    this.sent.push(JSON.parse(text));
  }
  close() {
    this.closed = true;
  }
  say(frame: object) {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
}

/** A page whose clock and frames move when told to. */
function page() {
  const sockets: Fake[] = [];
  const frames: (() => void)[] = [];
  let timers: { at: number; run: () => void }[] = [];
  let now = 0;
  const states: string[] = [];
  const live = new LiveSocket(
    () => 'ty_secret',
    {
      open: () => (sockets.push(new Fake()), sockets.at(-1)!),
      now: () => now,
      later: (run, milliseconds) => {
        const timer = { at: now + milliseconds, run };
        timers.push(timer);
        return () => (timers = timers.filter((other) => other !== timer));
      },
      frame: (run) => frames.push(run),
      language: () => 'korean',
    },
    (link) => states.push(link.state),
  );
  live.start();
  const pass = (milliseconds: number) => {
    const end = now + milliseconds;
    for (;;) {
      const due = timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      timers = timers.filter((timer) => timer !== due);
      now = due.at;
      due.run();
    }
    now = end;
  };
  const paint = () => frames.splice(0).forEach((run) => run());
  const greet = () => {
    const socket = sockets.at(-1)!;
    socket.onopen?.();
    socket.say({ type: 'ready', tenant: 'acme' });
    return socket;
  };
  return { live, sockets, states, pass, paint, greet };
}

function listener() {
  const heard: unknown[] = [];
  const it: Listener = {
    initial: (rows) => heard.push({ rows }),
    events: (events) => heard.push(events.map((event) => event.sequence)),
    failed: (message) => heard.push({ message }),
  };
  return { heard, it };
}

const event = (sequence: number, topic = 'jobs') => ({
  type: 'event',
  topic,
  event: { sequence, kind: 'job.dispatched' } as PublicEvent,
  resume: `r${sequence}`,
});

describe('the socket', () => {
  it('says who it is first, then subscribes, and passes events on once a frame', () => {
    const { live, greet, paint } = page();
    const { heard, it: jobs } = listener();
    live.subscribe('jobs', jobs);
    const socket = greet();
    expect(socket.sent).toEqual([
      { type: 'auth', token: 'ty_secret', language: 'korean' },
      { type: 'subscribe', topic: 'jobs' },
    ]);
    socket.say({ type: 'initial', topic: 'jobs', sequence: 10, rows: { jobs: [] }, resume: 'r10' });
    for (const sequence of [9, 10, 11, 11, 12]) socket.say(event(sequence));
    expect(heard).toEqual([{ rows: { jobs: [] } }]);
    paint();
    expect(heard.slice(1)).toEqual([[11, 12]]);
  });

  it('goes on from the newest token after a restart, and drops what it has', () => {
    const { live, sockets, states, greet, pass, paint } = page();
    const { heard, it: jobs } = listener();
    live.subscribe('jobs', jobs);
    const first = greet();
    first.say({ type: 'initial', topic: 'jobs', sequence: 10, rows: {}, resume: 'r10' });
    first.say(event(11));
    first.say({ type: 'watermark', sequence: 20, resume: { jobs: 'r20' } });
    paint();
    first.onclose?.();
    expect(states.at(-1)).toBe('reconnecting');
    pass(1_000);
    expect(sockets).toHaveLength(2);
    const second = greet();
    expect(second.sent[1]).toEqual({ type: 'subscribe', topic: 'jobs', resume: 'r20' });
    for (const sequence of [11, 21]) second.say(event(sequence));
    paint();
    expect(heard).toEqual([{ rows: {} }, [11], [21]]);
    expect(states.at(-1)).toBe('live');
  });

  it('reads anew when told to, and believes nothing in between', () => {
    const { live, greet, paint } = page();
    const { heard, it: jobs } = listener();
    live.subscribe('jobs', jobs);
    const socket = greet();
    socket.say({ type: 'initial', topic: 'jobs', sequence: 10, rows: 1, resume: 'r10' });
    socket.say(event(11));
    socket.say({ type: 'refetch', topic: 'jobs', reason: 'slow' });
    socket.say(event(12));
    paint();
    expect(socket.sent.at(-1)).toEqual({ type: 'subscribe', topic: 'jobs' });
    socket.say({ type: 'initial', topic: 'jobs', sequence: 30, rows: 2, resume: 'r30' });
    socket.say(event(31));
    paint();
    expect(heard).toEqual([{ rows: 1 }, { rows: 2 }, [31]]);
  });

  it('waits longer each time, and starts over once it was heard', () => {
    const { sockets, greet, pass } = page();
    for (let attempt = 0; attempt < 6; attempt += 1) {
      sockets.at(-1)!.onclose?.();
      pass(20_000);
    }
    expect(sockets).toHaveLength(7);
    sockets.at(-1)!.onclose?.();
    pass(5_000);
    expect(sockets, 'no attempt in the first seconds any more').toHaveLength(7);
    pass(15_000);
    greet().onclose?.();
    pass(1_000);
    expect(sockets).toHaveLength(9);
  });

  it('calls a silent gateway stale, then dead', () => {
    const { states, sockets, greet, pass } = page();
    greet();
    pass(13_000);
    expect(states.at(-1)).toBe('stale');
    sockets[0]!.say({ type: 'watermark', sequence: 1, resume: {} });
    expect(states.at(-1)).toBe('live');
    pass(40_000);
    expect(sockets.length).toBeGreaterThan(1);
    expect(sockets[0]!.closed).toBe(true);
  });

  it('passes on what is told of a job while it runs', () => {
    const { live, greet } = page();
    const told: unknown[] = [];
    live.subscribe('job:1', { ...listener().it, console: (lines) => told.push(lines.lines) });
    const socket = greet();
    const lines = { token: 1, run: 'a', first: 1, lines: ['one'] };
    socket.say({ type: 'console', topic: 'job:1', job: '1', console: lines });
    socket.say({ type: 'console', topic: 'job:2', job: '2', console: lines });
    expect(told).toEqual([['one']]);
  });

  it.each(['unauthorized', 'token_expired'])('does not knock again with a token that was refused: %s', (code) => {
    const { states, sockets, pass } = page();
    sockets[0]!.onopen?.();
    sockets[0]!.say({ type: 'error', code, message: 'no such token' });
    sockets[0]!.onclose?.();
    pass(60_000);
    expect(states.at(-1)).toBe('refused');
    expect(sockets).toHaveLength(1);
  });

  it('asks again for a topic that could not begin, and unsubscribes with the last listener', () => {
    const { live, greet, pass } = page();
    const { heard, it: chat } = listener();
    const leave = live.subscribe('chat:1', chat);
    const socket = greet();
    socket.say({ type: 'error', code: 'unavailable', message: 'far behind', topic: 'chat:1' });
    expect(heard).toEqual([{ message: 'far behind' }]);
    pass(2_000);
    expect(socket.sent.filter((frame) => frame['type'] === 'subscribe')).toHaveLength(2);
    leave();
    expect(socket.sent.at(-1)).toEqual({ type: 'unsubscribe', topic: 'chat:1' });
  });
});
