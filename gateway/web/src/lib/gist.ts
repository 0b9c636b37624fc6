// An event in a few words of its own, for a line in the stream. Pure.
import type { PublicEvent } from '../live/events';
import type { Reason } from '../wire/rows';
import { measurement, share } from './format';
import { bareDevice } from './settled';

/** Says reasons in the language of the page; the English of all of them stands beside. */
type Why = (reasons: readonly Reason[] | undefined, beside: string) => string;

/** What trainers judge by; the end of a job does not say which of its measurements that is. */
const MAIN = ['accuracy', 'ap50_95', 'mean_iou', 'image_auroc'];

/** What an event says in a line, from its own words; `called` names measurements in the language of the page. */
export function gist(event: PublicEvent, why: Why, called: (name: string) => string): string {
  const measured = (name: string, value: number | undefined) =>
    `${called(name)} ${value === undefined ? '–' : measurement(name, value)}`;
  const body = event.body as Record<string, unknown>;
  switch (event.kind) {
    case 'chat.prompt_received':
      return event.body.text;
    case 'chat.reply_given':
      return event.body.reply;
    case 'chat.prompts_erased':
      return event.body.of ?? '';
    case 'chat.config_proposed':
      return `${event.body.proposal.config.model} · ${event.body.proposal.config.dataset ?? '?'}`;
    case 'job.requested':
      return `${event.body.config.model} · ${event.body.config.dataset}`;
    case 'job.epoch_logged': {
      const { epoch, primary, validation, is_best } = event.body;
      return `${epoch} · ${measured(primary, validation[primary])}${is_best ? ' ★' : ''}`;
    }
    case 'job.checkpoint_committed':
      return `${event.body.checkpoint.epoch} · ${event.body.checkpoint.step}`;
    case 'job.attempt_started':
      return `${event.body.worker} · ${event.body.attempt}`;
    case 'job.training_started':
      return bareDevice(event.body.device);
    case 'job.finished': {
      const { best_epoch, measurements } = event.body;
      const name = MAIN.find((name) => name in measurements) ?? Object.keys(measurements)[0];
      return name === undefined ? String(best_epoch) : `${best_epoch} · ${measured(name, measurements[name])}`;
    }
    case 'dataset.validated': {
      const { images, classes } = event.body.profile;
      return `${images.train + images.validation + images.test} · ${classes.length}`;
    }
    case 'dataset.tagged':
      return `${event.body.tag} · ${event.body.version}`;
    case 'dataset.untagged':
      return event.body.tag;
    case 'dataset.deleted':
      return event.body.versions.join(', ');
    case 'model.registered':
      return `${event.body.name}@${event.body.version}`;
    case 'model.aliased': {
      const { alias, version, former } = event.body;
      return former ? `${alias} · ${former} → ${version}` : `${alias} · ${version}`;
    }
    case 'model.alias_removed':
      return event.body.alias;
    case 'model.sampling_set':
      return share(event.body.share);
    case 'model.archived':
    case 'model.restored':
      return String(event.body.version);
    case 'job.failed':
    case 'job.attempt_failed':
      return why(event.body.failure.because, event.body.failure.message);
    default: {
      const first = ['reason', 'problem', 'path', 'name'].find((name) => typeof body[name] === 'string');
      return first ? why(body['because'] as Reason[] | undefined, body[first] as string) : '';
    }
  }
}
