// The service worker: keeps the parts of the page itself, so that a reload without a network still shows it. It never keeps
// an answer of the API, and never answers in place of the server while that can be reached. The build writes the two lines
// below into the file that is served.
const cacheName = 'pazpaz-page';
const files = ['/'];

async function install() {
  const cache = await caches.open(cacheName);
  await cache.addAll(files);
  await self.skipWaiting(); // names of files hold a hash of their content: an old page keeps finding what it knows
}

async function activate() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name !== cacheName).map((name) => caches.delete(name)));
  await self.clients.claim();
}

async function pageOrKept(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await caches.match('/');
    if (!kept) throw error;
    return kept;
  }
}

async function keptOrFetched(request) {
  return (await caches.match(request)) ?? fetch(request);
}

self.addEventListener('install', (event) => event.waitUntil(install()));
self.addEventListener('activate', (event) => event.waitUntil(activate()));
self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== self.location.origin) return;
  if (pathname.startsWith('/assets/')) event.respondWith(keptOrFetched(request));
  else if (request.mode === 'navigate' && !/^\/(?:api|docs|redoc|openapi)/.test(pathname)) {
    event.respondWith(pageOrKept(request));
  }
});
