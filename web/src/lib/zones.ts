/** IANA time zones as a person looks for them: by city, with the distance from UTC. */
export interface Zone {
  name: string;
  city: string;
  region: string;
  offset: string;
}

export function browserZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
}

function offsetOf(name: string, at: Date): string {
  const parts = new Intl.DateTimeFormat('en', { timeZone: name, timeZoneName: 'shortOffset' }).formatToParts(at);
  return parts.find((part) => part.type === 'timeZoneName')?.value ?? '';
}

export function describeZone(name: string, at: Date): Zone {
  const [region = '', ...rest] = name.split('/');
  const city = (rest.length > 0 ? rest : [region]).join(', ').replaceAll('_', ' ');
  return { name, city, region: rest.length > 0 ? region : 'UTC', offset: offsetOf(name, at) };
}

/** All zones the browser knows, and the one it is in even if it has an old name. */
export function allZones(at: Date): Zone[] {
  const names = new Set([...Intl.supportedValuesOf('timeZone'), browserZone(), 'UTC']);
  return [...names].sort().map((name) => describeZone(name, at));
}

/** Zones whose name, city or offset contains each word of the query. */
export function searchZones(zones: readonly Zone[], query: string): Zone[] {
  const words = query
    .toLowerCase()
    .split(/[\s/_]+/)
    .filter(Boolean);
  return zones.filter((zone) => {
    const text = `${zone.name} ${zone.city} ${zone.offset}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
