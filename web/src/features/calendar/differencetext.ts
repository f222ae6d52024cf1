/** A change that somebody else made, as a person reads it. */
import type { Appointment } from '../../api/types';
import { formatSoon } from '../../lib/format';
import { t } from '../../lib/i18n/index.svelte';
import type { ComparedField, Difference } from './differences';
import { moneyText } from './texts';

export function differenceText({ field, before, after }: Difference, zone: string) {
  return { name: t(`cal.field.${field}`), before: valueOf(before, field, zone), after: valueOf(after, field, zone) };
}

function valueOf(visit: Appointment, field: ComparedField, zone: string): string {
  const none = t('cal.none');
  switch (field) {
    case 'client':
      return visit.client.full_name;
    case 'starts_at':
    case 'ends_at':
      return formatSoon(visit[field], zone);
    case 'status':
      return t(`cal.status.${visit.status}`);
    case 'location_type':
      return t(`cal.place.${visit.location_type}`);
    case 'price':
      return visit.price === null ? none : moneyText(visit.price, visit.currency ?? 'ILS');
    case 'payment_status':
      return t(`cal.pay.${visit.payment_status}`);
    case 'payment_method':
      return visit.payment_method ? t(`cal.method.${visit.payment_method}`) : none;
    case 'deleted_at':
      return visit.deleted_at ? t('cal.field.deleted') : none;
    case 'practitioner_id':
      return t('cal.field.other');
    default:
      return visit[field] || none;
  }
}
