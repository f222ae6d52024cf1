import type { Invitation, Member } from '../../api/types';
import { byItself } from '../../lib/paged.svelte';
import { fetchInvitations, fetchMembers } from './queries';

/** The members of the practice and who was invited, as the server lists them. */
export class People {
  members = $state.raw<readonly Member[]>();
  invitations = $state.raw<readonly Invitation[]>([]);
  error = $state.raw<unknown>();

  async load(): Promise<void> {
    this.error = undefined;
    try {
      await this.fetch({});
    } catch (error) {
      this.error = error;
    }
  }

  /** Others changed something: asks again, while what is shown stays. */
  async refresh(): Promise<void> {
    await this.fetch(byItself).catch(() => undefined); // the next change asks again
  }

  private async fetch(headers: Record<string, string>): Promise<void> {
    const [members, invitations] = await Promise.all([fetchMembers(headers), fetchInvitations(headers)]);
    this.members = members;
    this.invitations = invitations;
  }
}
