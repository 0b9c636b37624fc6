// Where one can go: by an address, by a few letters, by a key.
import { cleanup, render } from '@testing-library/svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';
import golden from '../golden/folds.json';
import { GO_KEYS, isTyping, wished } from '../../src/lib/keys';
import { ranked, type Entry } from '../../src/lib/palette';
import { pageOf } from '../../src/pages';
import { fleet } from '../../src/state/fleet.svelte';
import { jobs } from '../../src/state/jobs.svelte';
import { PAGES, Places } from '../../src/state/places.svelte';
import { router } from '../../src/state/router.svelte';
import { session } from '../../src/state/session.svelte';
import Shortcuts from '../../src/ui/Shortcuts.svelte';
import type { JobRow } from '../../src/wire/rows';

describe('an address', () => {
  const page = (path: string) => pageOf(path.split('/').filter(Boolean)).page;

  it.each([
    ['/', 'home'],
    ['/talk', 'talk'],
    ['/talk/01890a5d', 'talk'],
    ['/jobs', 'jobs'],
    ['/jobs/7', 'job'],
    ['/jobs/compare', 'compare'],
    ['/events', 'events'],
    ['/fleet', 'fleet'],
    ['/datasets', 'datasets'],
    ['/datasets/1', 'dataset'],
    ['/models/line3', 'model'],
    ['/try', 'try'],
    ['/try/3', 'try'],
    ['/events/3', 'nothing'],
    ['/jobs/7/more', 'nothing'],
    ['/constructor', 'nothing'],
    ['/no/such/page', 'nothing'],
  ])('%s is the page %s', (path, found) => expect(page(path)).toBe(found));

  it('of another thing begins its page anew, and of another part of it does not', () => {
    expect(pageOf(['jobs', '7']).key).not.toBe(pageOf(['jobs', '8']).key);
    expect(pageOf(['jobs', '7'])).toEqual({ page: 'job', props: { reference: '7' }, key: '7' });
    expect(pageOf(['talk', 'a']).key, 'a talk goes on while another is opened').toBe(pageOf(['talk', 'b']).key);
  });
});

describe('a few letters', () => {
  const entry = (text: string, beside = '', kind = 'Job'): Entry => ({ id: text, kind, text, beside });
  const entries = [
    entry('Jobs', 'jobs', 'Page'),
    entry('Job 17', 'resnet18 · scratches · Finished'),
    entry('Job 7', 'yolo11n · trees · Failed'),
    entry('/data/trees', '', 'Dataset'),
  ];
  const found = (asked: string) => ranked(entries, asked).map((one) => one.text);

  it('find what begins with them before what only has them', () => {
    expect(found('')).toHaveLength(4);
    expect(found('7')).toEqual(['Job 7', 'Job 17']);
    expect(found('#7')[0]).toBe('Job 7');
    expect(found('tree')).toEqual(['/data/trees', 'Job 7']);
    expect(found('job failed')).toEqual(['Job 7']);
    expect(found('dataset')).toEqual(['/data/trees']);
    expect(found('nothing like it')).toEqual([]);
  });
});

describe('everything that has a name', () => {
  const { api } = session;
  afterEach(() => {
    Object.assign(session, { api });
    [jobs.list, fleet.workers] = [[], []];
  });

  it('is found by it: a job by its title and tags, a conversation, a worker', async () => {
    const get = vi.fn(async (path: string) =>
      path === '/v1/chats'
        ? { chats: [{ id: 'c7', title: 'Scratches on line 3\n- epochs: 3' }], next: null }
        : { models: [], datasets: [], next: null },
    );
    Object.assign(session, { api: { get } });
    const template = golden[0]!.steps[5]!.job as unknown as JobRow;
    const annotation = { title: 'Night shift', tags: ['baseline'], note: '', archived: false };
    jobs.list = [{ ...template, number: 7, annotation }];
    fleet.workers = [{ worker: 'gpu-7', device: 'NVIDIA H200' }] as unknown as typeof fleet.workers;
    const places = new Places(() => {});
    const found = (asked: string) => ranked(places.all, asked)[0]?.text;
    await vi.waitFor(() => expect(found('scratches')).toBe('Scratches on line 3'));
    expect(get).toHaveBeenCalledWith('/v1/chats', expect.objectContaining({ spoken: 'true' }));
    expect(found('night')).toBe('Job 7 Night shift');
    expect(found('baseline')).toBe('Job 7 Night shift');
    expect(found('h200')).toBe('gpu-7');
    ranked(places.all, 'scratches')[0]!.go();
    expect(router.path).toBe('/talk/c7');
    router.go('/');
  });
});

describe('a key', () => {
  const key = (name: string, control = false) => ({ key: name, ctrlKey: control, metaKey: false, altKey: false });

  it('opens, searches and leads on, but not for one who types', () => {
    expect(wished(key('k', true), true, false), 'even there').toBe('palette');
    expect(wished(key('?'), false, false)).toBe('shortcuts');
    expect(wished(key('/'), false, false)).toBe('search');
    expect(wished(key('g'), false, false)).toBe('go');
    for (const page of PAGES) expect(wished(key(GO_KEYS[page]), false, true)).toBe(page);
    for (const name of ['?', '/', 'g', 'j']) expect(wished(key(name), true, true)).toBeNull();
    expect(wished(key('j'), false, false), 'without the one before it').toBeNull();
    expect(wished(key('c', true), false, false), 'copying is left to the browser').toBeNull();
    expect(new Set(Object.values(GO_KEYS)).size).toBe(PAGES.length);
  });

  it('is told of, also those of a table and of a picture', () => {
    render(Shortcuts);
    const told = [...document.querySelectorAll('dl > div')].map((one) => one.textContent!.replace(/\s+/g, ' ').trim());
    for (const key of [
      'CtrlA Choose all that are shown',
      '←→ Image before, Next image',
      '0 The whole image',
      '+− Closer and further',
      '←→ Earlier and later',
      'Esc Show everything',
      '←→↑↓ To the next cell',
    ]) {
      expect(told).toContain(key);
    }
    cleanup();
  });

  it('is a letter where letters are taken', () => {
    const made = (html: string) => {
      const template = document.createElement('template');
      template.innerHTML = html;
      return template.content.firstElementChild;
    };
    expect(isTyping(made('<input type="search">'))).toBe(true);
    expect(isTyping(made('<textarea></textarea>'))).toBe(true);
    expect(isTyping(made('<input type="checkbox">'))).toBe(false);
    expect(isTyping(made('<div></div>'))).toBe(false);
    expect(isTyping(null)).toBe(false);
  });
});
