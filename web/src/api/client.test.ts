import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fetchMe, verifyCode } from '../features/auth/queries';
import { archiveClient, createClient, fetchClients, updateClient } from '../features/clients/queries';
import { mailStepUp } from '../features/security/queries';
import { setHooks } from './client';
import { ApiError } from './problem';

const requests: Request[] = [];
let reply: () => Response | Promise<Response>;
const unauthenticated = vi.fn();
const active = vi.fn();

const json = (status: number, body: unknown, headers = {}) =>
  new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json', ...headers } });

beforeEach(() => {
  requests.length = 0;
  unauthenticated.mockReset();
  active.mockReset();
  document.cookie = 'csrf_token=pair';
  setHooks({ unauthenticated, active });
  vi.stubGlobal('fetch', async (request: Request) => {
    requests.push(request);
    return reply();
  });
});
afterEach(() => vi.unstubAllGlobals());

const failure = async (call: Promise<unknown>): Promise<ApiError> =>
  call.then(
    () => expect.fail('did not fail'),
    (error: ApiError) => error,
  );

describe('requests', () => {
  it('carry the token when they change something, and not when they read', async () => {
    reply = () => json(200, {});
    await updateClient('a b', { phone: null }, 3);
    await fetchMe();
    expect(requests.map((request) => request.headers.get('X-CSRF-Token'))).toEqual(['pair', null]);
    expect(new URL(requests[0]!.url).pathname).toBe('/api/v1/clients/a%20b');
    expect(await requests[0]!.json()).toEqual({ phone: null, version: 3 });
  });

  it('count as activity unless they say otherwise', async () => {
    reply = () => json(200, {});
    await fetchMe({ background: true });
    expect(requests[0]!.headers.get('X-Background')).toBe('true');
    expect(active).not.toHaveBeenCalled();
    await fetchMe();
    expect(active).toHaveBeenCalledTimes(1);
  });

  it('name a create, so that a repeat is known', async () => {
    reply = () => json(201, { id: '1' });
    await createClient({ first_name: 'a', last_name: 'b' }, 'key-1');
    expect(requests[0]!.headers.get('Idempotency-Key')).toBe('key-1');
  });

  it('ask for a page and read its headers', async () => {
    reply = () => json(200, [{ id: '1' }], { 'X-Total-Count': '7', Link: '</api/v1/clients?cursor=n>; rel="next"' });
    const { signal } = new AbortController();
    const page = await fetchClients({ q: 'נועה לוי', status: 'all' }, undefined, { signal });
    expect(page).toEqual({ items: [{ id: '1' }], total: 7, next: 'n' });
    const { searchParams } = new URL(requests[0]!.url);
    expect([searchParams.get('q'), searchParams.get('status'), searchParams.has('cursor')]).toEqual([
      'נועה לוי',
      'all',
      false,
    ]);
  });
});

describe('a fresh proof', () => {
  const refusal = () => json(403, { code: 'step_up_required', methods: ['totp'] });
  const stepUp = vi.fn();
  const factorRequired = vi.fn();
  beforeEach(() => {
    stepUp.mockReset();
    setHooks({ stepUp, factorRequired });
  });

  it('is asked for once, and the request goes out again with its body and the token of now', async () => {
    reply = () => (requests.length === 1 ? refusal() : json(200, { id: '1' }));
    stepUp.mockImplementation(async () => {
      document.cookie = 'csrf_token=newer';
      return true;
    });
    await createClient({ first_name: 'Noa', last_name: 'Levi' }, 'key');
    expect(stepUp.mock.calls).toEqual([[['totp']]]);
    expect(requests.map((request) => request.headers.get('X-CSRF-Token'))).toEqual(['pair', 'newer']);
    expect(await requests[1]!.json()).toEqual({ first_name: 'Noa', last_name: 'Levi' });
  });

  it('that was not given leaves the refusal as it is', async () => {
    reply = refusal;
    stepUp.mockResolvedValue(false);
    expect(await failure(archiveClient('7'))).toMatchObject({ status: 403, code: 'step_up_required' });
    expect(requests).toHaveLength(1);
  });

  it('is not asked for to give a proof', async () => {
    reply = refusal;
    expect(await failure(mailStepUp())).toMatchObject({ code: 'step_up_required' });
    expect(stepUp).not.toHaveBeenCalled();
  });

  it('is another thing than a factor that has to be set up first', async () => {
    reply = () => json(403, { code: 'factor_required' });
    expect(await failure(archiveClient('7'))).toMatchObject({ code: 'factor_required' });
    expect([factorRequired.mock.calls.length, stepUp.mock.calls.length]).toEqual([1, 0]);
  });
});

describe('failures', () => {
  it('of the session are reported, with the error', async () => {
    reply = () => json(401, { code: 'unauthenticated' });
    expect((await failure(archiveClient('1'))).code).toBe('unauthenticated');
    expect(unauthenticated).toHaveBeenCalledTimes(1);
    expect(active).not.toHaveBeenCalled();
  });

  it('of a code say nothing about the session', async () => {
    reply = () => json(401, { code: 'code_invalid' });
    expect((await failure(verifyCode('X'))).code).toBe('code_invalid');
    expect(unauthenticated).not.toHaveBeenCalled();
  });

  it('of the network have a code of their own', async () => {
    reply = () => Promise.reject(new TypeError('fetch failed'));
    expect(await failure(fetchMe())).toMatchObject({ status: 0, code: 'network' });
  });

  it('keep the record that a stale version names', async () => {
    reply = () => json(409, { code: 'stale', current: { version: 9 } });
    expect((await failure(updateClient('1', {}, 1))).problem.current).toEqual({ version: 9 });
  });

  it('of a proxy need no JSON', async () => {
    reply = () => new Response('<h1>Bad gateway</h1>', { status: 502, headers: { 'Content-Type': 'text/html' } });
    expect(await failure(fetchMe())).toMatchObject({ status: 502, code: 'internal' });
  });

  it('by abort stay aborts', async () => {
    const controller = new AbortController();
    reply = () => {
      controller.abort();
      return Promise.reject(controller.signal.reason);
    };
    const call = fetchClients({ q: '', status: 'all' }, undefined, { signal: controller.signal });
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
  });
});
