// Drives the built binary in a browser: `npm run e2e`, with PAZPAZ_BIN naming the binary (else ../bin/pazpaz). On SQLite
// always, and on PostgreSQL too when TEST_POSTGRES_URL names a server whose role may create databases. Names of specs run those
// alone, after the ones that they stand on: `npm run e2e -- live keyboard`.
import assert from 'node:assert/strict';

import { launch, Watch } from './lib/browser.mjs';
import { newDatabase } from './lib/postgres.mjs';
import { Report } from './lib/report.mjs';
import { startServer } from './lib/server.mjs';
import { appointment } from './specs/appointment.mjs';
import { audit } from './specs/audit.mjs';
import { calendar } from './specs/calendar.mjs';
import { clientPage } from './specs/client-page.mjs';
import { clients } from './specs/clients.mjs';
import { conflict } from './specs/conflict.mjs';
import { docs } from './specs/docs.mjs';
import { idle, idleBegins } from './specs/idle.mjs';
import { keyboard } from './specs/keyboard.mjs';
import { live } from './specs/live.mjs';
import { everyLook } from './specs/looks.mjs';
import { members } from './specs/members.mjs';
import { operator } from './specs/operator.mjs';
import { series } from './specs/series.mjs';
import { session } from './specs/session.mjs';
import { security } from './specs/security.mjs';
import { sessionsOffline } from './specs/sessions-offline.mjs';
import { sessionsTrouble } from './specs/sessions-trouble.mjs';
import { sessionsUnsent } from './specs/sessions-unsent.mjs';
import { sessions } from './specs/sessions.mjs';
import { settings } from './specs/settings.mjs';
import { setup } from './specs/setup.mjs';
import { signIn } from './specs/signin.mjs';
import { speed } from './specs/speed.mjs';
import { states } from './specs/states.mjs';
import { work } from './specs/work.mjs';

const report = new Report();
const only = process.argv.slice(2);
const basis = [setup, signIn, clients]; // what the others stand on

async function engine(name, env) {
  const [server, browser] = await Promise.all([startServer({ env }), launch()]);
  const watch = new Watch(server.url);
  const world = { server, browser, watch, owner: { email: 'noa@example.com', name: 'Noa Levi' } };
  const check = (what, run) => report.check(`${name}: ${what}`, run);
  try {
    // The last signs out.
    const first = [setup, signIn, clients, conflict, session, everyLook, calendar, appointment, series];
    const then = [sessions, clientPage, work, settings, audit, live, keyboard, speed, states, docs, sessionsTrouble];
    // These start servers of their own, with embedded parts. One begins at once what takes minutes.
    const own = [sessionsOffline, sessionsUnsent, security, members, operator, idle];
    const all = name === 'sqlite' ? [idleBegins, ...first, ...then, ...own] : [...first, ...then];
    const chosen = all.filter((spec) => only.length === 0 || basis.includes(spec) || only.includes(spec.name));
    for (const spec of chosen) await spec(check, world);
    await check('no policy violation', () => assert.deepEqual(watch.csp, []));
    await check('no console error', () => assert.deepEqual(watch.console, []));
    await check('no request to another host', () => assert.deepEqual(watch.hosts, []));
    await check(`no accessibility finding in ${watch.screens} looks`, () => assert.deepEqual(watch.axe, []));
  } finally {
    if (report.failed > 0) console.log(server.log().split('\n').slice(-15).join('\n'));
    await browser.close();
    await server.stop();
  }
}

await engine('sqlite', {});

const admin = process.env.TEST_POSTGRES_URL;
if (admin) {
  const database = await newDatabase(admin);
  try {
    await engine('postgres', { PAZPAZ_DATABASE_URL: database.url });
  } finally {
    await database.drop();
  }
} else {
  console.log('TEST_POSTGRES_URL is not set: not run on PostgreSQL');
}

process.exitCode = report.end() ? 0 : 1;
