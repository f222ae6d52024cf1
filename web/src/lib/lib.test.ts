import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { debounce } from './debounce';
import { forgetDrafts, keepDraft, takeDraft } from './drafts';
import { ageAt, dateLocale, formatCountdown, formatDate, dayInWords, formatDay, initials, tint } from './format';
import { setLang } from './i18n/index.svelte';
import { recall, remember, restoreStorage } from './storage';
import { setTheme, startTheme, theme } from './theme.svelte';
import { clearToasts, dismiss, hold, release, toast, toasts } from './toast.svelte';
import { looksLikeEmail, today } from './validate';
import { allZones, browserZone, describeZone, searchZones } from './zones';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('debounce', () => {
  it('runs once, with the last value, after a pause', () => {
    const run = vi.fn();
    const later = debounce(run, 200);
    later('a');
    vi.advanceTimersByTime(199);
    later('b');
    vi.advanceTimersByTime(199);
    expect(run).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(run.mock.calls).toEqual([['b']]);
  });

  it('can be hurried and called off', () => {
    const run = vi.fn();
    const later = debounce(run, 200);
    later('a');
    later.flush();
    later.flush();
    later('b');
    later.cancel();
    vi.runAllTimers();
    expect(run.mock.calls).toEqual([['a']]);
  });
});

describe('toasts', () => {
  afterEach(() => clearToasts());

  it('go away by themselves, at most three at a time', () => {
    for (const text of ['1', '2', '3', '4']) toast(text);
    expect(toasts.map((entry) => entry.text)).toEqual(['2', '3', '4']);
    vi.advanceTimersByTime(6000);
    expect(toasts).toHaveLength(0);
  });

  it('stay while they are held', () => {
    const id = toast('read me');
    hold(id);
    vi.advanceTimersByTime(60_000);
    expect(toasts).toHaveLength(1);
    release(id);
    vi.advanceTimersByTime(6000);
    expect(toasts).toHaveLength(0);
    dismiss(id); // a second time is no fault
  });
});

describe('drafts', () => {
  it('come back once, and only to the person who typed them', () => {
    keepDraft('ann', '/clients/1', 'text');
    expect(takeDraft('bob', '/clients/1')).toBeUndefined();
    expect(takeDraft('ann', '/clients/2')).toBeUndefined();
    expect(takeDraft('ann', '/clients/1')).toBe('text');
    expect(takeDraft('ann', '/clients/1')).toBeUndefined();
  });

  it('are forgotten when another person comes, or nobody', () => {
    keepDraft('ann', 'a', 1);
    forgetDrafts('ann');
    expect(takeDraft('ann', 'a')).toBe(1);
    keepDraft('ann', 'a', 1);
    forgetDrafts('bob');
    expect(takeDraft('ann', 'a')).toBeUndefined();
    keepDraft('ann', 'a', 1);
    forgetDrafts(undefined);
    expect(takeDraft('ann', 'a')).toBeUndefined();
  });
});

describe('format', () => {
  it.each([
    [0, '0:00'],
    [-5, '0:00'],
    [59.2, '1:00'],
    [119, '1:59'],
    [600, '10:00'],
  ])('%d seconds are %s', (seconds, text) => {
    expect(formatCountdown(seconds)).toBe(text);
  });

  it.each([
    ['Dana Levi', 'DL'],
    ['  dana  ', 'D'],
    ['נועה בן דוד', 'נד'],
    ['Élodie Brontë-Castellanos', 'ÉB'],
    ['"Dan" (Levi)', 'DL'],
    ['', ''],
    ['...', ''],
  ])('%s has the initials %s', (name, letters) => {
    expect(initials(name)).toBe(letters);
  });

  it('counts full years', () => {
    const day = new Date(2026, 10, 23);
    expect(ageAt('1984-11-23', day)).toBe(42);
    expect(ageAt('1984-11-24', day)).toBe(41);
    expect(ageAt('1984-12-01', day)).toBe(41);
    expect(ageAt('2026-11-23', day)).toBe(0);
    expect(ageAt('2027-01-01', day)).toBeUndefined();
    expect(ageAt('nonsense', day)).toBeUndefined();
  });

  it('gives a person a colour for good', () => {
    expect(tint('0190-a', 6)).toBe(tint('0190-a', 6));
    for (const id of ['', 'a', 'נ', '0190']) expect([1, 2, 3, 4, 5, 6]).toContain(tint(id, 6));
  });

  it('says a picked day in words of the page, and nothing of half a day', async () => {
    expect(dayInWords('2026-11-29')).toMatch(/Sunday.*29.*November|Sunday.*November.*29/);
    expect([dayInWords(''), dayInWords('2026-11')]).toEqual([undefined, undefined]);
    await setLang('he');
    expect(dayInWords('2026-11-29')).toMatch(/יום ראשון.*29.*נובמבר/);
    await setLang('en');
  });

  it('writes days without moving them, and instants in the zone of the practice', async () => {
    await setLang('en');
    expect(formatDay('1984-03-12')).toMatch(/12/);
    const late = '2026-11-23T22:30:00Z';
    expect(formatDate(late, 'Asia/Jerusalem')).toMatch(/24/);
    expect(formatDate(late, 'America/New_York')).toMatch(/23/);
  });

  it('takes the kind of English the browser speaks', async () => {
    await setLang('en');
    expect(dateLocale(['he-IL', 'en-AU', 'en-US'])).toBe('en-AU');
    expect(dateLocale(['he-IL'])).toBe('en-GB');
    await setLang('he');
    expect(dateLocale(['en-US'])).toBe('he-IL');
  });
});

describe('validate', () => {
  it('sees slips in an address, and leaves the rest to the server', () => {
    for (const good of ['a@b', ' noa@example.com ', 'נועה@דוגמה.ישראל']) expect(looksLikeEmail(good)).toBe(true);
    for (const bad of ['', 'noa', 'noa@', '@x', 'a b@c', 'a@b@c']) expect(looksLikeEmail(bad)).toBe(false);
  });

  it('knows what day it is here', () => {
    expect(today(new Date(2026, 0, 5, 23, 59))).toBe('2026-01-05');
  });
});

describe('zones', () => {
  const at = new Date('2026-11-23T12:00:00Z');

  it('are told by city and distance', () => {
    expect(describeZone('Asia/Jerusalem', at)).toEqual({
      name: 'Asia/Jerusalem',
      city: 'Jerusalem',
      place: '',
      region: 'Asia',
      offset: 'GMT+2',
    });
    expect(describeZone('Asia/Jerusalem', at, 'he').place).toBe('ישראל');
    expect(describeZone('UTC', at, 'he').place).toBe('');
    expect(describeZone('America/Argentina/Buenos_Aires', at).city).toBe('Argentina, Buenos Aires');
    expect(describeZone('UTC', at)).toMatchObject({ city: 'UTC', region: 'UTC' });
  });

  it('are searched by every word', () => {
    const zones = ['Asia/Jerusalem', 'America/New_York', 'Europe/London'].map((name) => describeZone(name, at));
    const names = (query: string) => searchZones(zones, query).map((zone) => zone.name);
    expect(names('jeru')).toEqual(['Asia/Jerusalem']);
    expect(names('new york')).toEqual(['America/New_York']);
    expect(names('asia/jerusalem')).toEqual(['Asia/Jerusalem']);
    expect(names('gmt+2')).toEqual(['Asia/Jerusalem']);
    expect(names('')).toHaveLength(3);
    expect(names('atlantis')).toEqual([]);
  });

  it('always hold the one the browser is in', () => {
    expect(allZones(at).map((zone) => zone.name)).toContain(browserZone());
  });
});

describe('settings of the device', () => {
  beforeEach(() => localStorage.clear());

  it('survive the clearing at sign-out', () => {
    remember('lang', 'he');
    localStorage.clear();
    restoreStorage();
    expect(localStorage.getItem('pazpaz.lang')).toBe('he');
  });

  it('last until the page is closed when the browser refuses storage', () => {
    const refuse = () => {
      throw new DOMException('no', 'SecurityError');
    };
    const set = vi.spyOn(Storage.prototype, 'setItem').mockImplementation(refuse);
    const get = vi.spyOn(Storage.prototype, 'getItem').mockImplementation(refuse);
    remember('x', '1');
    expect(recall('x')).toBe('1');
    expect(recall('never')).toBeNull();
    set.mockRestore();
    get.mockRestore();
  });

  it('hold the theme, where system means no mark at all', () => {
    setTheme('dark');
    expect(document.documentElement.dataset.theme).toBe('dark');
    startTheme();
    expect(theme.current).toBe('dark');
    setTheme('system');
    expect(document.documentElement.dataset.theme).toBeUndefined();
    localStorage.setItem('pazpaz.theme', 'purple');
    startTheme();
    expect(theme.current).toBe('system');
  });
});
