// A hand that counts: what a task costs in clicks, texts, keys and seconds.
import type { Locator, Page } from 'playwright-core';

export class Hand {
  clicks = 0;
  texts = 0;
  keys = 0;
  private readonly began = performance.now();

  constructor(readonly page: Page) {}

  async click(what: Locator): Promise<void> {
    this.clicks += 1;
    await what.click();
  }

  /** A field is clicked into, and written in. */
  async write(where: Locator, text: string): Promise<void> {
    this.clicks += 1;
    this.texts += 1;
    await where.fill(text);
  }

  /** A file or a folder is chosen from a dialog of the system. */
  async give(where: Locator, path: string): Promise<void> {
    this.clicks += 2;
    await where.setInputFiles(path);
  }

  async press(key: string): Promise<void> {
    this.keys += 1;
    await this.page.keyboard.press(key);
  }

  /** Where a page of the frame is gone to. */
  go(name: string): Promise<void> {
    return this.click(this.page.getByRole('navigation').first().getByRole('link', { name, exact: true }));
  }

  get cost(): string {
    const seconds = ((performance.now() - this.began) / 1_000).toFixed(1);
    const beside = [this.texts && `${this.texts} texts`, this.keys && `${this.keys} keys`].filter(Boolean);
    return [`${this.clicks} clicks`, ...beside, `${seconds} s`].join(', ');
  }
}
