// Just enough of the NATS protocol to put measurements on the bus as an agent does, many of them.
import { once } from 'node:events';
import { connect } from 'node:net';

/** Messages that wait to be stored; a stream drops what comes faster than that. */
const LOT = 2_000;

/** Publishes `count` messages, each made by `message`; returns when the last one is stored. */
export async function publish(url: string, subject: string, count: number, message: (at: number) => object) {
  const { hostname, port, username, password } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  const user = decodeURIComponent(username);
  const inbox = `_INBOX.${user}.measure`;
  let [stored, heard] = [0, ''];
  let told = () => {};
  const failed = new Promise<never>((_, refuse) => socket.once('error', refuse));
  socket.on('data', (data) => {
    heard += String(data);
    const lines = heard.split('\r\n');
    heard = lines.pop()!;
    for (const line of lines) {
      if (line.startsWith('-ERR') || line.includes('"error"')) socket.destroy(new Error(`NATS: ${line}`));
      if (line === 'PING') socket.write('PONG\r\n');
      if (line.startsWith('{"stream"')) stored += 1;
    }
    told();
  });
  const options = { user, pass: decodeURIComponent(password), verbose: false };
  socket.write(`CONNECT ${JSON.stringify(options)}\r\nSUB ${inbox} 1\r\n`);
  for (let at = 0; at < count;) {
    let text = '';
    for (const end = Math.min(at + LOT, count); at < end; at += 1) {
      const payload = JSON.stringify(message(at));
      text += `PUB ${subject} ${inbox} ${Buffer.byteLength(payload)}\r\n${payload}\r\n`;
    }
    socket.write(text);
    while (stored < at) await Promise.race([new Promise<void>((go) => (told = go)), failed]);
  }
  socket.end();
}
