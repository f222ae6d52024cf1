import { api, unwrap } from '../../api/client';
import type { Invitation, InvitationInput, Landing, Me, Member, Role, SignInState } from '../../api/types';
import type { Lang } from '../../lib/i18n/index.svelte';

const byId = (id: string) => ({ path: { id } });

export function updateProfile(body: { full_name?: string; locale?: Lang }): Promise<Me> {
  return unwrap(api.PUT('/api/v1/auth/me', { body }));
}

export function fetchMembers(headers: Record<string, string> = {}): Promise<Member[]> {
  return unwrap(api.GET('/api/v1/members', { headers }));
}

export function changeRole(id: string, role: Role): Promise<Member> {
  return unwrap(api.PUT('/api/v1/members/{id}', { params: byId(id), body: { role } }));
}

export function deactivate(id: string): Promise<Member> {
  return unwrap(api.POST('/api/v1/members/{id}/deactivate', { params: byId(id) }));
}

export function reactivate(id: string): Promise<Member> {
  return unwrap(api.POST('/api/v1/members/{id}/reactivate', { params: byId(id) }));
}

export function fetchInvitations(headers: Record<string, string> = {}): Promise<Invitation[]> {
  return unwrap(api.GET('/api/v1/invitations', { headers }));
}

export function invite(body: InvitationInput): Promise<Invitation> {
  return unwrap(api.POST('/api/v1/invitations', { body }));
}

export function resend(id: string): Promise<Invitation> {
  return unwrap(api.POST('/api/v1/invitations/{id}/resend', { params: byId(id) }));
}

export async function revoke(id: string): Promise<void> {
  await unwrap(api.DELETE('/api/v1/invitations/{id}', { params: byId(id) }));
}

/** Looks at an invitation; that changes nothing. */
export function lookAt(token: string): Promise<Landing> {
  return unwrap(api.POST('/api/v1/auth/invitation', { body: { token } }));
}

export function accept(body: { token: string; full_name: string; locale: Lang }): Promise<SignInState> {
  return unwrap(api.POST('/api/v1/auth/invitation/accept', { body }));
}
