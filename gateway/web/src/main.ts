// Where the dashboard starts.
import { mount } from 'svelte';
import App from './App.svelte';
import './theme.css';
import { session } from './state/session.svelte';

session.begin();
mount(App, { target: document.getElementById('app')! });
