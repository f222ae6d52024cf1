import { ApiError, type FieldProblem, type FieldProblems } from '../api/problem';
import { formatCountdown } from './format';
import { has, t } from './i18n/index.svelte';

/** One sentence for a person: what happened and what to do. */
export function errorText(error: unknown): string {
  if (!(error instanceof ApiError)) return t('error.unknown');
  if (error.code === 'network') return t('error.network');
  if (error.status === 429) return t('error.too_many', { time: formatCountdown(error.retryAfter ?? 60) });
  const key = `error.${error.code}`;
  if (has(key) && error.code !== 'internal') return t(key);
  if (error.status >= 500) return serverText(error);
  return t(error.status === 409 ? 'error.conflict' : 'error.invalid');
}

function serverText(error: ApiError): string {
  if (error.status === 503) return t('error.unavailable');
  const request = error.problem.request_id;
  return request ? t('error.internal', { request }) : t('error.unknown');
}

/** The sentence under a field. `limit` is what the form knows of the field's size. */
export function fieldText(problem: FieldProblem | undefined, limit?: number): string | undefined {
  if (!problem) return undefined;
  const key = `field.${problem.code}`;
  if (has(key)) return t(key, { n: limit ?? 0 });
  return t('field.invalid');
}

/** The fields of an error, when it is one about fields. */
export function fieldsOf(error: unknown): FieldProblems {
  return error instanceof ApiError ? error.fields : {};
}
