import type { Invitation, Member } from '../../api/types';
import { Asked } from '../../lib/asked.svelte';
import { fetchInvitations, fetchMembers } from './queries';

/** The members of the practice and who was invited, as the server lists them. */
export interface People {
  members: readonly Member[];
  invitations: readonly Invitation[];
}

export const askForPeople = () =>
  new Asked<People>(async (headers) => {
    const [members, invitations] = await Promise.all([fetchMembers(headers), fetchInvitations(headers)]);
    return { members, invitations };
  });
