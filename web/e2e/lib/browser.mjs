// A browser whose every page is watched: policy violations, console errors and requests to other hosts are collected.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const require = createRequire(import.meta.url);
const axeSource = await readFile(require.resolve('axe-core/axe.min.js'), 'utf8');

const switches = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: switches });
}

export const desk = { width: 1280, height: 800 };
export const phone = { width: 390, height: 844 };

/** What the pages of a run did that they should not have done. */
export class Watch {
  constructor(origin) {
    this.origin = origin;
    this.csp = [];
    this.console = [];
    this.hosts = [];
    this.axe = [];
    this.screens = 0;
  }

  add(page) {
    page.on('console', (message) => this.#heard(message));
    page.on('pageerror', (error) => this.console.push(`${page.url()}: ${error.message}`));
    page.on('request', (request) => {
      const { protocol, origin, href } = new URL(request.url());
      if (!['data:', 'blob:'].includes(protocol) && origin !== this.origin) this.hosts.push(href);
    });
  }

  #heard(message) {
    const [text, { url }] = [message.text(), message.location()];
    if (text.startsWith('csp-violation')) this.csp.push(text);
    else if (message.type() === 'error' && !expectedRefusal(text, url)) this.console.push(`${text} ${url}`);
  }
}

/** The browser logs every 4xx and every lost connection; those of the API are the subject of many checks. */
function expectedRefusal(text, url) {
  const refusal =
    /^Failed to load resource: (?:.* status of 4\d\d|net::ERR_(?:INTERNET_DISCONNECTED|FAILED|CONNECTION_\w+|EMPTY_RESPONSE|INCOMPLETE_CHUNKED_ENCODING))/;
  return refusal.test(text) && /^\/(?:api\/|favicon)/.test(new URL(url).pathname);
}

/** A fresh browser profile, with its pages watched. Motion is off, so that a picture or a measurement finds things in place. */
export async function newContext(browser, watch, options = {}) {
  const context = await browser.newContext({
    viewport: desk,
    locale: 'en-GB',
    timezoneId: 'Asia/Jerusalem',
    reducedMotion: 'reduce',
    baseURL: watch.origin,
    serviceWorkers: 'block', // page.route does not see through them
    ...options,
  });
  context.setDefaultTimeout(15_000);
  await context.addInitScript(() => {
    addEventListener('securitypolicyviolation', (event) => {
      console.error('csp-violation', event.violatedDirective, event.blockedURI, event.sample);
    });
  });
  context.on('page', (page) => watch.add(page));
  return context;
}

const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice'];

const settling = 5_000;

/** Runs the accessibility rules on what the page shows. What is found must stay: a page that is still arriving is not judged. */
export async function accessible(page, watch, name) {
  const end = Date.now() + settling;
  let found = await findings(page);
  while (found.length > 0 && Date.now() < end) found = await findings(page);
  watch.screens += 1;
  watch.axe.push(...found.map((finding) => `${name}: ${finding}`));
  return found;
}

async function findings(page) {
  await page.evaluate(axeSource);
  return page.evaluate(async (tags) => {
    const result = await globalThis.axe.run(document, { runOnly: { type: 'tag', values: tags } });
    return result.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`);
  }, rules);
}
