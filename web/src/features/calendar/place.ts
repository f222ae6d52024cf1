/** What the address of the calendar says: the view, a day in it, whose it is, and the appointment that is open. Ids only. */
import { isDay, type Day } from '../../lib/zone';
import { views, type View } from './view';

export interface Place {
  view: View;
  day: Day;
  practitioner: string;
  appointment: string;
}

export function placeOf(search: URLSearchParams, fallback: Pick<Place, 'view' | 'day'>): Place {
  const day = search.get('date');
  return {
    view: views.find((name) => name === search.get('view')) ?? fallback.view,
    day: isDay(day) ? day : fallback.day,
    practitioner: search.get('practitioner') ?? '',
    appointment: search.get('appointment') ?? '',
  };
}

export function searchOf(place: Place): URLSearchParams {
  const search = new URLSearchParams({ view: place.view, date: place.day });
  if (place.practitioner) search.set('practitioner', place.practitioner);
  if (place.appointment) search.set('appointment', place.appointment);
  return search;
}
