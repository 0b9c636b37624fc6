// The lines that read the tenant's feed with the `nats` command, as docs/feed.md has them. Pure.
import type { FeedAnswer } from '../wire/api';

/** What a shell reads as one word, whatever is in it. */
const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/** How it is logged in; `token` is the token, or what stands for it. */
export function loginLine({ inbox_prefix }: FeedAnswer, token: string): string {
  return `alias feed='nats --server $NATS_URL --user reader --password ${token} --inbox-prefix ${inbox_prefix}'`;
}

/** Makes the first of the tenant's consumers, which remembers how far it has read, and reads on with it: all events, or those
 * `about` one kind of thing, such as `job`. */
export function readLines({ domain, consumers, streams }: FeedAnswer, about = ''): string[] {
  const [consumer, feed] = [consumers[0], streams[0]];
  const all = feed?.filters[0];
  if (!consumer || !feed || !all) return [];
  const filter = about ? all.replace(/>$/, `${about}.>`) : all;
  const api = `$JS.${domain}.API.CONSUMER`;
  const config = { durable_name: consumer, filter_subject: filter, ack_policy: 'none' };
  const wanted = JSON.stringify({ stream_name: feed.stream, config });
  return [
    `feed req ${quoted(`${api}.CREATE.${feed.stream}.${consumer}.${filter}`)} ${quoted(wanted)}`,
    `feed req ${quoted(`${api}.MSG.NEXT.${feed.stream}.${consumer}`)} '{"batch":100,"expires":60000000000}' --replies 0 --timeout 60s`,
  ];
}
