import type { Problem } from './types';

export interface FieldProblem {
  code: string;
  message: string;
}

/** Field problems by the name of the field, as the forms use it. */
export type FieldProblems = Record<string, FieldProblem>;

/** What went wrong with a request. Status 0 means that no answer came. */
export class ApiError extends Error {
  override name = 'ApiError';

  constructor(
    readonly status: number,
    readonly code: string,
    readonly fields: FieldProblems = {},
    readonly problem: Problem & Record<string, unknown> = {},
    /** Seconds to wait, when the server named them. */
    readonly retryAfter?: number,
  ) {
    super(code);
  }
}

/** The field a location names: `body.first_name` and `/first_name` are first_name, `body.tags[2]` is tags. */
export function fieldOf(location: string): string {
  const path = location.replace(/^(?:body|query|path|header)\b[./]?/, '').replace(/^[./]/, '');
  return /^[^.[/]*/.exec(path)?.[0] ?? '';
}

/** The first problem of each field. */
export function fieldProblems(problem: Problem): FieldProblems {
  const fields: FieldProblems = {};
  for (const error of problem.errors ?? []) {
    const field = fieldOf(error.location ?? '');
    if (field) fields[field] ??= { code: error.code ?? 'invalid', message: error.message ?? '' };
  }
  return fields;
}

const codeOfStatus: Record<number, string> = {
  400: 'invalid',
  401: 'unauthenticated',
  403: 'denied',
  404: 'not_found',
  409: 'conflict',
  413: 'too_large',
  422: 'invalid',
  429: 'too_many',
  503: 'unavailable',
};

/** Reads a failed answer, whatever its body turned out to be: a proxy may answer in place of the server. */
export function problemError(response: Response, body: unknown): ApiError {
  const problem = (typeof body === 'object' && body !== null ? body : {}) as Problem & Record<string, unknown>;
  const code = typeof problem.code === 'string' ? problem.code : (codeOfStatus[response.status] ?? 'internal');
  const wait = Number(response.headers.get('Retry-After'));
  return new ApiError(response.status, code, fieldProblems(problem), problem, wait > 0 ? wait : undefined);
}

export const networkError = (): ApiError => new ApiError(0, 'network');

export function isAbort(error: unknown): boolean {
  return (error as Partial<Error> | undefined)?.name === 'AbortError';
}
