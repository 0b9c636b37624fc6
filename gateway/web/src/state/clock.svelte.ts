// The time that is shown, a second at a time, by the gateway's clock.
import { session } from './session.svelte';

class Clock {
  now = $state(Date.now());

  constructor() {
    setInterval(() => (this.now = Date.now() + session.api.skew), 1_000);
  }
}

export const clock = new Clock();
