/** What the page tells a view of hours or of a month, and what it hears from it. */
import type { Appointment, Workspace } from '../../api/types';
import type { Day } from '../../lib/zone';
import type { Grip } from './drag';
import type { Slot } from './layout';
import type { Marks } from './marks';

export interface CardState {
  label: string;
  marks: Marks;
  /** Initials of the practitioner, where several people's appointments stand together. */
  whose: string;
  /** The one that Tab reaches. */
  reachable: boolean;
  held: boolean;
  saving: boolean;
  open: boolean;
}

export interface CardEvents {
  onpress: (event: PointerEvent, grip: Grip, visit: Appointment) => void;
  onkey: (event: KeyboardEvent, visit: Appointment) => void;
  onopen: (visit: Appointment, event: MouseEvent) => void;
  onfocus: (visit: Appointment) => void;
}

export interface GridProps {
  days: readonly Day[];
  visits: readonly Appointment[];
  zone: string;
  today: Day;
  /** Minutes since midnight. */
  now: number;
  hours: Workspace['working_hours'];
  busy: boolean;
  /** Nobody knows what stands there: an empty grid would say that all of it is free. */
  unknown: boolean;
  stateOf: (visit: Appointment) => CardState;
  /** Something is held over a time, or nothing any more. */
  onover: (slot: Slot | undefined, visit: Appointment | undefined) => void;
  /** Keys come in a row: they wait a moment before they are sent. */
  onmove: (visit: Appointment, slot: Slot, wait: number) => void;
  oncreate: (slot: Slot) => void;
  onopen: (visit: Appointment, element: HTMLElement) => void;
  onday: (day: Day) => void;
  onturn: (count: number) => void;
}
