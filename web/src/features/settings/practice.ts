/** What the form of the practice knows. No I/O. */
import type { Workspace, WorkspaceUpdate } from '../../api/types';
import { hoursOf, weekOf, type Week } from './week';

export interface PracticeDraft {
  name: string;
  time_zone: string;
  locale: Workspace['locale'];
  currency: string;
  week_start: Workspace['week_start'];
  week: Week;
  retention: string;
  shared: boolean;
}

export function draftOf(workspace: Workspace): PracticeDraft {
  const { name, time_zone, locale, currency, week_start } = workspace;
  return {
    name,
    time_zone,
    locale,
    currency,
    week_start,
    week: weekOf(workspace.working_hours),
    retention: String(workspace.retention_years),
    shared: workspace.shared_notes,
  };
}

/** The years of retention that were typed, or nothing when they are none. */
export function yearsOf(text: string): number | undefined {
  const years = Number(text.trim());
  return /^\d{1,3}$/.test(text.trim()) && years >= 1 && years <= 100 ? years : undefined;
}

/** Only what was changed, with the version that was seen. */
export function changesOf(before: Workspace, draft: PracticeDraft): WorkspaceUpdate {
  const next = {
    name: draft.name.trim(),
    time_zone: draft.time_zone,
    locale: draft.locale,
    currency: draft.currency,
    week_start: draft.week_start,
    working_hours: hoursOf(draft.week),
    retention_years: yearsOf(draft.retention) ?? before.retention_years,
    shared_notes: draft.shared,
  };
  const was = { ...before, working_hours: hoursOf(weekOf(before.working_hours)) };
  const changed = Object.entries(next).filter(([name, value]) => {
    return JSON.stringify(value) !== JSON.stringify(was[name as keyof typeof next]);
  });
  return Object.fromEntries(changed) as WorkspaceUpdate;
}

/** The currencies that a practice is likely to have, and its own. */
export function currencies(own: string): string[] {
  return [...new Set(['ILS', 'EUR', 'USD', 'GBP', 'CHF', 'CAD', 'AUD', own])];
}
