/** Whose work is shown: one's own, or everybody's. */
import { onPersonChange, session } from '../auth/session.svelte';

export type Whose = 'mine' | 'all';

/** Who sees patients starts with what is theirs; who runs the practice, or helps in it, sees all. */
export const usual = (role: string | undefined): Whose => (role === 'practitioner' ? 'mine' : 'all');

class Choice {
  private chosen = $state<Whose>();

  get now(): Whose {
    return this.chosen ?? usual(session.me?.user.role);
  }

  set now(next: Whose | undefined) {
    this.chosen = next;
  }

  /** As requests name it: nobody in particular, or oneself. */
  get person(): string | undefined {
    return this.now === 'mine' ? session.me?.user.id : undefined;
  }
}

export const whose = new Choice();
onPersonChange(() => (whose.now = undefined));
