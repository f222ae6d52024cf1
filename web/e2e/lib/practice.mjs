// Fills a practice through the API, as the page of a signed-in person would: quick, and independent of the screens.
export class Practice {
  constructor(page) {
    this.page = page;
  }

  async call(method, path, body) {
    const answer = await this.page.evaluate(
      async ([verb, address, json]) => {
        const token = /(?:^|;\s*)(?:__Host-)?csrf_token=([^;]+)/.exec(document.cookie)?.[1] ?? '';
        const headers = { 'X-CSRF-Token': decodeURIComponent(token), 'Content-Type': 'application/json' };
        const response = await fetch(`/api/v1${address}`, {
          method: verb,
          headers,
          body: json && JSON.stringify(json),
        });
        return { status: response.status, body: response.status === 204 ? null : await response.json() };
      },
      [method, path, body ?? null],
    );
    if (answer.status >= 400) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  client(first, last) {
    return this.call('POST', '/clients', { first_name: first, last_name: last });
  }

  service(name, minutes, price) {
    return this.call('POST', '/services', { name, default_duration_minutes: minutes, price });
  }

  location(body) {
    return this.call('POST', '/locations', body);
  }

  book(body) {
    return this.call('POST', '/appointments', body);
  }

  appointment(id) {
    return this.call('GET', `/appointments/${id}`);
  }
}

/** An instant on a day of Jerusalem, which is what the browser and the practice of these runs are in. */
export function at(day, time) {
  for (const offset of ['+02:00', '+03:00']) {
    const instant = new Date(`${day}T${time}:00${offset}`);
    const parts = new Intl.DateTimeFormat('sv-SE', {
      timeZone: 'Asia/Jerusalem',
      dateStyle: 'short',
      timeStyle: 'short',
    });
    if (parts.format(instant) === `${day} ${time}`) return instant.toISOString();
  }
  throw new Error(`${day} ${time} does not exist`);
}

export function addDays(day, count) {
  return new Date(Date.parse(`${day}T00:00:00Z`) + count * 86_400_000).toISOString().slice(0, 10);
}

/** The Sunday of the week of now, some weeks on. */
export function sunday(weeks = 0) {
  const today = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Jerusalem' }).format(new Date());
  const weekday = new Date(`${today}T00:00:00Z`).getUTCDay();
  return addDays(today, weeks * 7 - weekday);
}
