// Says when a job has ended, also of one that ended while this was away. For a page: give it the websocket of NATS, a token,
// and what GET /v1/feed answers to that token.
//
//   const feed = await (await fetch('/v1/feed', { headers: { authorization: `Bearer ${token}` } })).json();
//   await jobEnds('ws://127.0.0.1:4223', token, feed, (event) => console.log(event.time, event.subject, event.type));
import { AckPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { wsconnect } from '@nats-io/nats-core';

const ENDS = ['job.finished', 'job.failed', 'job.cancelled'];

/** Calls `tell` with each event, until the connection is closed for good. */
export async function jobEnds(server, token, feed, tell) {
  const { stream, filters } = feed.streams[0];
  const name = feed.consumers[3];
  const connection = await wsconnect({
    servers: server,
    user: 'reader',
    pass: token,
    inboxPrefix: feed.inbox_prefix,
    maxReconnectAttempts: -1,
  });
  // A reader cannot ask about the account, only about its consumers.
  const options = { domain: feed.domain, checkAPI: false };
  const manager = await jetstreamManager(connection, options);
  await manager.consumers.add(stream, {
    durable_name: name,
    filter_subject: filters[0].replace('.>', '.job.>'),
    ack_policy: AckPolicy.Explicit,
  });
  const consumer = await jetstream(connection, options).consumers.get(stream, name);
  for await (const message of await consumer.consume()) {
    const event = message.json();
    if (ENDS.includes(event.type)) tell(event);
    message.ack();
  }
}
