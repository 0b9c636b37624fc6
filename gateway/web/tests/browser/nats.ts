// Just enough of the NATS protocol to put measurements on the bus as an agent does, many of them.
import { connect } from 'node:net';
import { once } from 'node:events';

/** Messages between two looks at whether the server keeps up. */
const LOT = 2_000;

/** Publishes `count` messages, each made by `message`; returns when the server has taken them all. */
export async function publish(url: string, subject: string, count: number, message: (at: number) => object) {
  const { hostname, port, username, password } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  let heard = '';
  let pongs = 0;
  const waiting: (() => void)[] = [];
  socket.on('data', (data) => {
    heard += String(data);
    const lines = heard.split('\r\n');
    heard = lines.pop()!;
    for (const line of lines) {
      if (line.startsWith('-ERR')) socket.destroy(new Error(`NATS: ${line}`));
      if (line === 'PING') socket.write('PONG\r\n');
      if (line !== 'PONG') continue;
      pongs += 1;
      waiting.splice(0).forEach((go) => go());
    }
  });
  const failed = new Promise<never>((_, refuse) => socket.once('error', refuse));
  const answered = async (wanted: number) => {
    while (pongs < wanted) await Promise.race([new Promise<void>((go) => waiting.push(go)), failed]);
  };
  const user = decodeURIComponent(username);
  socket.write(`CONNECT ${JSON.stringify({ user, pass: decodeURIComponent(password), verbose: false })}\r\nPING\r\n`);
  await answered(1);
  for (let at = 0, lots = 1; at < count; lots += 1) {
    let text = '';
    for (const end = Math.min(at + LOT, count); at < end; at += 1) {
      const payload = JSON.stringify(message(at));
      text += `PUB ${subject} ${Buffer.byteLength(payload)}\r\n${payload}\r\n`;
    }
    socket.write(`${text}PING\r\n`);
    await answered(lots + 1);
  }
  socket.end();
}
