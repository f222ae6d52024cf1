/** The words of a payment, in the order in which they are offered. */
import type { Appointment } from '../../api/types';

export const payments = [
  'not_paid',
  'payment_sent',
  'paid',
  'waived',
] as const satisfies Appointment['payment_status'][];
export const methods = ['cash', 'card', 'bank_transfer', 'bit', 'paybox', 'other'] as const satisfies NonNullable<
  Appointment['payment_method']
>[];
