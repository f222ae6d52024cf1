/** IANA time zones as a person looks for them: by city, with the distance from UTC. */
export interface Zone {
  name: string;
  city: string;
  /** The place as a language names it, where that is not English: a country, or the city of one with many zones. */
  place: string;
  region: string;
  offset: string;
}

export function browserZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
}

/** The browser knows places in each language only as part of "Israel time". */
function placeOf(name: string, lang: string, at: Date): string {
  if (lang !== 'he') return '';
  const parts = new Intl.DateTimeFormat('he', { timeZone: name, timeZoneName: 'shortGeneric' }).formatToParts(at);
  const text = parts.find((part) => part.type === 'timeZoneName')?.value ?? '';
  return /^שעון [\u0590-\u05ff]/.test(text) ? text.slice('שעון '.length) : '';
}

function offsetOf(name: string, at: Date): string {
  const parts = new Intl.DateTimeFormat('en', { timeZone: name, timeZoneName: 'shortOffset' }).formatToParts(at);
  return parts.find((part) => part.type === 'timeZoneName')?.value ?? '';
}

export function describeZone(name: string, at: Date, lang = 'en'): Zone {
  const [region = '', ...rest] = name.split('/');
  const city = (rest.length > 0 ? rest : [region]).join(', ').replaceAll('_', ' ');
  return {
    name,
    city,
    place: placeOf(name, lang, at),
    region: rest.length > 0 ? region : 'UTC',
    offset: offsetOf(name, at),
  };
}

/** All zones the browser knows, and the one it is in even if it has an old name. */
export function allZones(at: Date, lang = 'en'): Zone[] {
  const names = new Set([...Intl.supportedValuesOf('timeZone'), browserZone(), 'UTC']);
  return [...names].sort().map((name) => describeZone(name, at, lang));
}

/** Zones whose name, city or offset contains each word of the query. */
export function searchZones(zones: readonly Zone[], query: string): Zone[] {
  const words = query
    .toLowerCase()
    .split(/[\s/_]+/)
    .filter(Boolean);
  return zones.filter((zone) => {
    const text = `${zone.name} ${zone.city} ${zone.place} ${zone.offset}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
