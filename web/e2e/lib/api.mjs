// Speaks to the API as the signed-in person of a page, to prepare what a check needs.
export function call(page, method, path, body) {
  return page.evaluate(
    async ([method, path, body]) => {
      const token = /(?:^|;\s*)(?:__Host-)?csrf_token=([^;]+)/.exec(document.cookie)?.[1] ?? '';
      const headers = { 'X-CSRF-Token': decodeURIComponent(token), 'Content-Type': 'application/json' };
      const answer = await fetch(`/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
      return text ? JSON.parse(text) : undefined;
    },
    [method, path, body],
  );
}

export const hoursAgo = (hours) => new Date(Math.floor(Date.now() / 60_000) * 60_000 - hours * 3_600_000).toISOString();

/** A visit of a client that is over, attended unless said otherwise. */
export async function pastVisit(page, client, { hours = 2, minutes = 50, attended = true, ...more } = {}) {
  const starts = hoursAgo(hours);
  const ends = new Date(Date.parse(starts) + minutes * 60_000).toISOString();
  const times = { starts_at: starts, ends_at: ends };
  const always = { override: true, reason: 'test' };
  const visit = await call(page, 'POST', '/appointments', { client_id: client, ...times, ...always, ...more });
  if (!attended) return visit;
  return call(page, 'PUT', `/appointments/${visit.id}`, { status: 'attended', version: visit.version });
}

/** Reads the body of the next PUT of the page. The browser does not tell that of a request which was copied to be sent again. */
export async function sentBody(page) {
  await page.evaluate(() => {
    const { fetch } = globalThis;
    globalThis.fetch = (request, ...more) => {
      if (request.method === 'PUT') globalThis.sent = request.clone().json();
      return fetch(request, ...more);
    };
  });
  return async () => {
    await page.waitForFunction(() => globalThis.sent);
    return page.evaluate(() => globalThis.sent);
  };
}
