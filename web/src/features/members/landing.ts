import { ApiError } from '../../api/problem';

/** How the way of an invitation can be over before it was accepted. */
export type End = 'invalid' | 'expired' | 'used' | 'elsewhere';

const ends: Record<string, End> = {
  invitation_invalid: 'invalid',
  invitation_expired: 'expired',
  invitation_used: 'used',
  member_elsewhere: 'elsewhere',
};

/** What a refusal says of the invitation itself; nothing when another try may work. */
export function endOf(error: unknown): End | undefined {
  return error instanceof ApiError ? ends[error.code] : undefined;
}
