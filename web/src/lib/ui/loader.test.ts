import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { createRawSnippet } from 'svelte';
import { describe, expect, it, vi } from 'vitest';
import { ApiError } from '../../api/problem';
import { Asked } from '../asked.svelte';
import Loader from './Loader.svelte';

const texts = { failed: 'It did not come', why: () => 'No network.', waiting: 'Loading…', retry: 'Try again' };
const shown = createRawSnippet<[unknown]>((value) => ({ render: () => `<p>${String(value())}</p>` }));
const missing = createRawSnippet(() => ({ render: () => '<p>Nobody here</p>' }));
const user = userEvent.setup();

function open(fetch: (headers: Record<string, string>) => Promise<string | undefined>, gone = true) {
  const asked = new Asked<unknown>(fetch);
  render(Loader, { asked, texts, heading: 'Client', children: shown, ...(gone && { missing }) });
  return asked;
}

describe('Loader', () => {
  it('has a heading and says that it waits, then shows what came', async () => {
    const asked = open(async () => 'Dana');
    expect(screen.getByRole('heading', { name: 'Client' })).toBeTruthy();
    expect((await screen.findByRole('status')).textContent).toBe('Loading…');
    await asked.load();
    await screen.findByText('Dana');
    expect(screen.queryByRole('heading')).toBeNull();
  });

  it('says what failed and why, and asks again', async () => {
    const fetch = vi
      .fn<() => Promise<string>>()
      .mockRejectedValueOnce(new ApiError(0, 'network'))
      .mockResolvedValue('Dana');
    await open(fetch).load();
    await screen.findByText('It did not come');
    expect(screen.getByText('No network.')).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Try again' }));
    await screen.findByText('Dana');
  });

  it('tells what does not exist from what failed', async () => {
    await open(() => Promise.reject(new ApiError(404, 'not_found'))).load();
    await screen.findByText('Nobody here');
    expect(screen.queryByText('It did not come')).toBeNull();
  });

  it('without words for it, shows what does not exist as a failure', async () => {
    await open(() => Promise.reject(new ApiError(404, 'not_found')), false).load();
    await screen.findByText('It did not come');
  });
});

describe('Asked', () => {
  it('keeps what is there when others changed something and the question fails', async () => {
    const fetch = vi
      .fn<(headers: object) => Promise<string>>()
      .mockResolvedValueOnce('Dana')
      .mockRejectedValue(new Error());
    const asked = new Asked<string>(fetch);
    await asked.load();
    await asked.refresh();
    expect([asked.value, asked.error]).toEqual(['Dana', undefined]);
    expect(fetch.mock.calls).toEqual([[{}], [{ 'X-Background': 'true' }]]);
  });
});
