import './styles/index.css';

import { mount } from 'svelte';
import App from './App.svelte';
import { forgetVault, lockVault } from './features/auth/draftkey';
import { startLinkToken } from './features/auth/link-token.svelte';
import { onPersonChange, startSession } from './features/auth/session.svelte';
import { forgetDrafts } from './lib/drafts';
import { startLang } from './lib/i18n/index.svelte';
import { startRouter } from './lib/router.svelte';
import { startTheme } from './lib/theme.svelte';
import { startWorker } from './lib/worker';

startLinkToken(); // first: a token must not stay in the address bar
startTheme();
startRouter();
onPersonChange(forgetDrafts);
onPersonChange((person) => (person === undefined ? forgetVault() : lockVault()));
void startSession();
void startLang().then(() => mount(App, { target: document.getElementById('app')! }));
startWorker();
