// The console begins here.
import './styles/base.css';
import { mount } from 'svelte';
import { live } from './api/live.svelte';
import { session } from './api/session.svelte';
import App from './shell/App.svelte';
import { words } from './i18n/i18n.svelte';

const target = document.getElementById('app');
if (target) {
  // A language that cannot be fetched must not keep the console from starting.
  // Who is asking decides what is offered; both are asked at once.
  await Promise.all([words.start().catch(() => undefined), session.look()]);
  mount(App, { target });
  performance.mark('drover.ready');
  live.start();
}
