/** A drag on the grid of hours: where it is now, and what it will mean when it is dropped. */
import type { Appointment } from '../../api/types';
import { dayMinutes, type Day } from '../../lib/zone';
import { dragged, sameSlot, type Grip, type Point } from './drag';
import { watchEdges, type Edges } from './edges';
import type { Slot } from './layout';
import { follow } from './pointer';

export interface Surface {
  scroller: HTMLElement;
  /** Its children are the columns of the days, in order. */
  columns: HTMLElement;
  days: () => readonly Day[];
}

export interface Listener {
  /** It is over this time now. */
  over: (slot: Slot, visit: Appointment | undefined) => void;
  drop: (slot: Slot, visit: Appointment | undefined) => void;
  /** Nothing is held any more. */
  end: () => void;
  turn: (side: number) => void;
  swipe: (dx: number) => void;
}

interface Held {
  grip: Grip;
  visit: Appointment | undefined;
  slot: Slot;
}

/** Where a point of the screen is. Columns are measured, so it holds in both directions of writing. */
export function pointAt(surface: Pick<Surface, 'columns' | 'days'>, x: number, y: number): Point {
  const boxes = [...surface.columns.children].map((column) => column.getBoundingClientRect());
  const beside = (box: DOMRect) => Math.max(box.left - x, x - box.right, 0);
  const at = boxes.reduce((best, box, index) => (beside(box) < beside(boxes[best]!) ? index : best), 0);
  const { top, height } = boxes[at]!;
  return { day: surface.days()[at]!, minute: ((y - top) / height) * dayMinutes };
}

export class GridDrag {
  held = $state.raw<Held>();
  private dropped = false;

  constructor(private readonly listener: Listener) {}

  /** The click that the browser sends after a drag is none. */
  get isEcho(): boolean {
    return this.dropped;
  }

  begin(press: PointerEvent, surface: Surface, grip: Grip, visit?: Appointment, from?: Slot): void {
    this.dropped = false;
    const origin = pointAt(surface, press.clientX, press.clientY);
    const start = from ?? { day: origin.day, start: origin.minute, end: origin.minute };
    let last = { x: press.clientX, y: press.clientY };
    let edges: Edges | undefined;

    const show = () => {
      const slot = dragged(grip, start, origin, pointAt(surface, last.x, last.y));
      if (this.held && sameSlot(this.held.slot, slot)) return;
      this.held = { grip, visit, slot };
      this.listener.over(slot, visit);
    };
    const end = () => {
      edges?.stop();
      this.dropped = true;
      this.held = undefined;
      this.listener.end();
    };

    follow(press, {
      start: () => {
        edges = watchEdges(surface.scroller, surface.columns, show, (side) => visit && this.listener.turn(side));
        if (press.pointerType === 'touch') navigator.vibrate?.(10);
        show();
      },
      move: (x, y) => {
        last = { x, y };
        edges?.at(x, y);
        show();
      },
      drop: () => {
        const slot = this.held?.slot;
        end();
        // The browser's click is still to come: it must not meet the dialog that a drop may open.
        if (slot && !(from && sameSlot(slot, from))) setTimeout(() => this.listener.drop(slot, visit));
      },
      cancel: end,
      swipe: (dx) => {
        this.dropped = true;
        this.listener.swipe(dx);
      },
    });
  }
}
