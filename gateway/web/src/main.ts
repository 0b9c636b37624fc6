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
  session.begin();
  // The page that is asked for comes at the same time as the words; whether it came is its frame's matter.
  if (session.token) PAGES[pageOf(router.parts).page]().catch(() => {});
  await i18n.read();
  target.replaceChildren();
  mount(App, { target });
}
begin().catch((error: unknown) => {
  console.error(error);
  target.textContent =
    'Trainyard could not be read whole: reload the page. · 화면을 다 읽지 못했습니다. 새로고침하세요.';
});
