import type { Key } from '../../lib/i18n/index.svelte';
import type { FieldName } from './form';

export const labels: Record<FieldName, Key> = {
  first_name: 'form.firstName',
  last_name: 'form.lastName',
  email: 'form.email',
  phone: 'form.phone',
  date_of_birth: 'form.birthDate',
  address: 'form.address',
  emergency_contact_name: 'form.emergencyName',
  emergency_contact_phone: 'form.emergencyPhone',
  medical_history: 'form.medicalHistory',
  notes: 'form.notes',
  tags: 'form.tags',
};
