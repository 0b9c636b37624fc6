// Where the dashboard starts.
import { mount } from 'svelte';
import App from './App.svelte';
import { i18n } from './i18n/i18n.svelte';
import { pageOf, PAGES } from './pages';
import './theme.css';
import { router } from './state/router.svelte';
import { session } from './state/session.svelte';

const target = document.getElementById('app')!;

async function begin(): Promise<void> {
  const words = i18n.read();
  // The page that is asked for comes at the same time; whether it came is its frame's matter.
  PAGES[pageOf(router.parts).page]().catch(() => {});
  // Nothing is asked of the gateway before the words are here: what goes wrong with it is said in them.
  await words;
  session.begin();
  target.replaceChildren();
  mount(App, { target });
}
begin().catch((error: unknown) => {
  console.error(error);
  target.textContent =
    'Trainyard could not be read whole: reload the page. · 화면을 다 읽지 못했습니다. 새로고침하세요.';
});
