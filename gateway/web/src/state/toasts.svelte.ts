// Short messages that come by themselves, and the system's notifications when a job ends.
import { i18n } from '../i18n/i18n.svelte';
import { explain } from '../lib/api';
import { at } from '../lib/base';
import { router } from './router.svelte';
import type { JobRow } from '../wire/rows';

const SHOWN_MS = 8_000;
const TOASTS = 4;
const KEY = 'trainyard.notify';

export interface Toast {
  id: number;
  tone: 'good' | 'bad' | 'plain';
  text: string;
  href: string | null;
}

class Toasts {
  list = $state<Toast[]>([]);
  wanted = $state(localStorage.getItem(KEY) === 'yes');
  denied = $state(typeof Notification !== 'undefined' && Notification.permission === 'denied');
  /** Somebody points at them, or has come to them with the keyboard: they stay. */
  held = false;
  private count = 0;

  show(text: string, tone: Toast['tone'] = 'plain', href: string | null = null): void {
    const id = (this.count += 1);
    this.list = [...this.list.slice(1 - TOASTS), { id, tone, text, href }];
    this.dropLater(id);
  }

  private dropLater(id: number): void {
    setTimeout(() => (this.held ? this.dropLater(id) : this.drop(id)), SHOWN_MS);
  }

  drop(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id);
  }

  /** The browser only asks when somebody has just clicked. */
  async want(wanted: boolean): Promise<void> {
    if (wanted && Notification.permission === 'default') await Notification.requestPermission();
    this.denied = Notification.permission === 'denied';
    this.wanted = wanted && Notification.permission === 'granted';
    localStorage.setItem(KEY, this.wanted ? 'yes' : 'no');
  }

  /** Permission may be gone by now, and some telephones only let a service worker notify. */
  private notify(text: string, row: JobRow, href: string): void {
    try {
      const notification = new Notification(text, { body: row.config.model, tag: row.id, icon: at('/icon.svg') });
      notification.onclick = () => {
        focus();
        router.go(href);
        notification.close();
      };
    } catch (error) {
      console.warn('no notification', error);
    }
  }

  /** What was refused, where there is no room to say it in its place. */
  failed(error: unknown): void {
    const { message, nextStep } = explain(error);
    this.show([message, nextStep].filter(Boolean).join(' '), 'bad');
  }

  ended(row: JobRow): void {
    const text = i18n.m.job.end[row.status]?.(row.number) ?? '';
    const href = `/jobs/${row.number}`;
    if (router.path !== href) this.show(text, row.status === 'failed' ? 'bad' : 'good', href);
    // One who looks at the page has just been told.
    if (this.wanted && !document.hasFocus()) this.notify(text, row, href);
  }
}

export const toasts = new Toasts();
