// Where the dashboard starts.
import { mount } from 'svelte';
import App from './App.svelte';
import './theme.css';
import { session } from './state/session.svelte';

const target = document.getElementById('app')!;
session.begin();
target.replaceChildren();
mount(App, { target });
