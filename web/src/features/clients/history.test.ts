import { cleanup, render, screen } from '@testing-library/svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { catalog } from '../calendar/catalog.svelte';
import { visitOf } from '../calendar/sample';
import TimelineVisit from './TimelineVisit.svelte';

vi.mock(import('../calendar/queries'), async (original) => ({
  ...(await original()),
  fetchPractitioners: () =>
    Promise.resolve([{ id: 'p1', full_name: 'Lior Katz', role: 'practitioner' as const, is_active: true }]),
}));

afterEach(() => {
  cleanup();
  catalog.practitioners.reset();
});

describe('a visit in the stream of a client', () => {
  it('tells service and place, also when both are called the same', () => {
    render(TimelineVisit, { visit: visitOf({ service_name: 'Home visit', location_name: 'Home visit' }) });
    expect(screen.getAllByText('Home visit')).toHaveLength(2);
  });

  it('names a colleague who saw the client', async () => {
    render(TimelineVisit, { visit: visitOf() });
    expect(await screen.findByText('Lior Katz')).toBeTruthy();
  });
});
