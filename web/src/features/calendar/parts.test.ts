import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import * as clientQueries from '../clients/queries';
import ClientPicker from './ClientPicker.svelte';
import type { GridProps } from './grid';
import { marksOf } from './marks';
import MonthGrid from './MonthGrid.svelte';
import OverlapDialog from './OverlapDialog.svelte';
import * as queries from './queries';
import { visitOf } from './sample';
import { spoken } from './spoken';
import TimeGrid from './TimeGrid.svelte';
import { daysOf } from './view';

const zone = 'Asia/Jerusalem';
const days = ['2026-11-22', '2026-11-23', '2026-11-24'];
const dana = visitOf();
const other = visitOf({
  id: 'v2',
  client: { id: 'c2', first_name: 'Lior', last_name: 'Cohen', full_name: 'Lior Cohen' },
  starts_at: '2026-11-24T07:00:00Z',
  ends_at: '2026-11-24T08:00:00Z',
});

const heard = { onover: vi.fn(), onmove: vi.fn(), oncreate: vi.fn(), onopen: vi.fn(), onday: vi.fn(), onturn: vi.fn() };
const props = (part: Partial<GridProps> = {}) => ({
  days,
  visits: [dana, other],
  zone,
  today: '2026-11-23',
  now: 600,
  hours: { monday: [['09:00', '17:00']] },
  busy: false,
  unknown: false,
  clashes: [],
  stateOf: (visit: typeof dana) => ({
    label: spoken(visit, zone, 0, true, ''),
    marks: marksOf(visit, 0, true),
    whose: '',
    saving: false,
    open: false,
    reachable: false,
    held: false,
  }),
  ...heard,
  ...part,
});

beforeEach(() => {
  vi.clearAllMocks();
  Element.prototype.scrollIntoView = vi.fn(); // jsdom has no layout to scroll
});
const focused = () => (document.activeElement as HTMLElement).dataset.visit;

describe('the grid of hours', () => {
  it('has one card in the order of Tab, and says all of it', () => {
    render(TimeGrid, props());
    const cards = screen.getAllByRole('button', { name: /Dana Levi|Lior Cohen/ });
    expect(cards.map((card) => card.tabIndex)).toEqual([0, -1]);
    expect(cards[0]!.textContent).toMatch(/Dana Levi 0?9:00.*23 November|Dana Levi.*November 23/);
    expect(screen.getAllByRole('list')).toHaveLength(2);
  });

  it('walks, moves, changes the length and opens by keys', async () => {
    render(TimeGrid, props());
    const user = userEvent.setup();
    screen.getByRole('button', { name: /Dana Levi/ }).focus();
    await user.keyboard('{Alt>}{ArrowDown}{/Alt}');
    expect(heard.onmove).toHaveBeenLastCalledWith(dana, { day: '2026-11-23', start: 555, end: 615 }, 700);
    await user.keyboard('{Alt>}{Shift>}{ArrowUp}{/Shift}{/Alt}');
    expect(heard.onmove).toHaveBeenLastCalledWith(dana, { day: '2026-11-23', start: 540, end: 585 }, 700);
    await user.keyboard('{Alt>}{ArrowRight}{/Alt}');
    expect(heard.onmove).toHaveBeenLastCalledWith(dana, { day: '2026-11-24', start: 540, end: 600 }, 700);
    await user.keyboard('{ArrowRight}');
    expect(focused()).toBe('v2');
    await user.keyboard('{Enter}');
    expect(heard.onopen).toHaveBeenCalledWith(other, document.activeElement);
  });

  it('offers a new one at the time of its cursor, and turns the page beside the days', async () => {
    render(TimeGrid, props());
    const user = userEvent.setup();
    screen.getByRole('button', { name: /New appointment/ }).focus();
    await user.keyboard('{ArrowDown}{ArrowRight}{Enter}');
    expect(heard.oncreate).toHaveBeenCalledWith({ day: '2026-11-23', start: 570, end: 630 });
    await user.keyboard('{ArrowRight}{ArrowRight}');
    expect(heard.onturn).toHaveBeenCalledWith(1);
  });

  it('gives the focus back to a card that has moved to another day', async () => {
    const { rerender } = render(TimeGrid, props());
    const user = userEvent.setup();
    screen.getByRole('button', { name: /Dana Levi/ }).focus();
    await user.keyboard('{Alt>}{ArrowRight}{/Alt}');
    await rerender(
      props({ visits: [{ ...dana, starts_at: '2026-11-24T09:00:00Z', ends_at: '2026-11-24T10:00:00Z' }, other] }),
    );
    await vi.waitFor(() => expect(focused()).toBe('v1'));
  });

  it('shows a night on both days, and names it once to Tab', () => {
    const night = visitOf({ starts_at: '2026-11-23T20:00:00Z', ends_at: '2026-11-24T00:00:00Z' });
    render(TimeGrid, props({ visits: [night] }));
    const cards = screen.getAllByRole('button', { name: /Dana Levi/ });
    expect(cards.map((card) => [card.tabIndex, card.hasAttribute('data-main')])).toEqual([
      [0, true],
      [-1, false],
    ]);
  });
});

describe('a month', () => {
  it('shows three of a day and counts the rest', async () => {
    const many = Array.from({ length: 5 }, (_, at) => visitOf({ id: `m${at}` }));
    render(MonthGrid, props({ days: daysOf('month', '2026-11-23', 0), visits: many }));
    expect(screen.getAllByRole('button', { name: /Dana Levi/ })).toHaveLength(3);
    await userEvent.click(screen.getByRole('button', { name: /2 more/ }));
    expect(heard.onday).toHaveBeenCalledWith('2026-11-23');
  });

  it('moves by days and weeks', async () => {
    render(MonthGrid, props({ days: daysOf('month', '2026-11-23', 0), visits: [dana] }));
    screen.getByRole('button', { name: /Dana Levi/ }).focus();
    await userEvent.keyboard('{Alt>}{ArrowDown}{/Alt}');
    expect(heard.onmove).toHaveBeenLastCalledWith(dana, { day: '2026-11-30', start: 540, end: 600 }, 700);
  });
});

describe('the client of an appointment', () => {
  const search = vi.spyOn(queries, 'searchClients');
  const create = vi.spyOn(clientQueries, 'createClient');
  const found = { id: 'c1', full_name: 'Dana Levi', phone: null } as never;

  it('is found while one types, and chosen by Enter', async () => {
    search.mockResolvedValue([found]);
    const onchoose = vi.fn();
    render(ClientPicker, { value: undefined, error: undefined, onchoose });
    await userEvent.type(screen.getByRole('combobox'), 'dan');
    await screen.findByRole('option', { name: /Dana Levi/ });
    expect(screen.getByRole('combobox').getAttribute('aria-expanded')).toBe('true');
    await userEvent.keyboard('{Enter}');
    expect(onchoose).toHaveBeenCalledWith({ id: 'c1', full_name: 'Dana Levi' });
  });

  it('is the one that was typed, also when Enter comes before the answer', async () => {
    search.mockImplementation(async (q) => [{ id: q, full_name: `Found for ${q}` } as never]);
    const onchoose = vi.fn();
    render(ClientPicker, { value: undefined, error: undefined, onchoose });
    await userEvent.type(screen.getByRole('combobox'), 'dan');
    await screen.findByRole('option', { name: 'Found for dan' });
    await userEvent.type(screen.getByRole('combobox'), 'iel{Enter}');
    await vi.waitFor(() => expect(onchoose).toHaveBeenCalledWith({ id: 'daniel', full_name: 'Found for daniel' }));
  });

  it('is made from the words that found nobody', async () => {
    search.mockResolvedValue([]);
    create.mockResolvedValue({ id: 'n1', full_name: 'Tamar Golan' } as never);
    const onchoose = vi.fn();
    render(ClientPicker, { value: undefined, error: undefined, onchoose });
    await userEvent.type(screen.getByRole('combobox'), 'Tamar Golan');
    await userEvent.click(await screen.findByRole('option', { name: /New client/ }));
    expect(document.activeElement).toBe(screen.getByLabelText('Phone'));
    await userEvent.keyboard('050-1234567{Enter}');
    expect(create.mock.calls[0]![0]).toEqual({ first_name: 'Tamar', last_name: 'Golan', phone: '050-1234567' });
    await vi.waitFor(() => expect(onchoose).toHaveBeenCalledWith({ id: 'n1', full_name: 'Tamar Golan' }));
  });

  it('asks for the name that is missing, and goes back to the search', async () => {
    search.mockResolvedValue([]);
    create.mockClear();
    render(ClientPicker, { value: undefined, error: undefined, onchoose: vi.fn() });
    await userEvent.type(screen.getByRole('combobox'), 'Yael');
    await screen.findByRole('option', { name: /New client/ });
    await userEvent.keyboard('{Enter}');
    expect(document.activeElement).toBe(screen.getByLabelText(/Last name/));
    await userEvent.keyboard('{Enter}');
    expect(screen.getByText('Please fill this in.')).toBeTruthy();
    expect(create).not.toHaveBeenCalled();
    await userEvent.keyboard('{Escape}');
    expect((screen.getByRole('combobox') as HTMLInputElement).value).toBe('Yael');
  });

  it('is made, when half written, by whoever goes on', async () => {
    search.mockResolvedValue([]);
    create.mockReset().mockResolvedValue({ id: 'n2', full_name: 'Yael Barak' } as never);
    const onchoose = vi.fn();
    const { component } = render(ClientPicker, { value: undefined, error: undefined, onchoose });
    expect(await component.settle()).toBe(true);
    await userEvent.type(screen.getByRole('combobox'), 'Yael');
    await screen.findByRole('option', { name: /New client/ });
    await userEvent.keyboard('{Enter}');
    expect(await component.settle()).toBe(false);
    await userEvent.type(screen.getByLabelText(/Last name/), 'Barak');
    expect(await component.settle()).toBe(true);
    expect(onchoose).toHaveBeenCalledWith({ id: 'n2', full_name: 'Yael Barak' });
  });

  it('can be chosen anew', async () => {
    search.mockResolvedValue([]);
    const onchoose = vi.fn();
    render(ClientPicker, { value: { id: 'c1', full_name: 'Dana Levi' }, error: undefined, onchoose });
    await userEvent.click(screen.getByRole('button', { name: /another client/ }));
    expect(onchoose).toHaveBeenCalledWith(undefined);
  });
});

describe('a time that is taken', () => {
  const clash = {
    id: 'x',
    client_initials: 'D.L.',
    starts_at: dana.starts_at,
    ends_at: dana.ends_at,
    room: true,
  } as never;

  it('needs a reason', async () => {
    const onanswer = vi.fn();
    render(OverlapDialog, { clashes: [clash], zone, onanswer });
    expect(screen.getByText('the room is taken')).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: 'Book anyway' }));
    expect(onanswer).not.toHaveBeenCalled();
    await userEvent.type(screen.getByLabelText(/Reason/), ' Siblings ');
    await userEvent.keyboard('{Enter}');
    expect(onanswer).toHaveBeenCalledWith('Siblings');
  });

  it('can be left alone', async () => {
    const onanswer = vi.fn();
    render(OverlapDialog, { clashes: [clash], zone, onanswer });
    await userEvent.click(screen.getByRole('button', { name: 'Choose another time' }));
    expect(onanswer).toHaveBeenCalledWith(undefined);
  });
});
