/** Templates and snippets: asked for once, and again when they were changed in the settings. */
import type { NoteTemplate } from '../../api/types';
import { onPersonChange } from '../auth/session.svelte';
import { fetchTemplates } from './queries';

class Templates {
  all = $state.raw<readonly NoteTemplate[]>([]);
  private asked: Promise<void> | undefined;

  get templates(): NoteTemplate[] {
    return this.all.filter((each) => each.kind === 'template');
  }

  get snippets(): NoteTemplate[] {
    return this.all.filter((each) => each.kind === 'snippet');
  }

  /** A note can be written without them: without an answer there are none, and the next page asks again. */
  load(): Promise<void> {
    this.asked ??= fetchTemplates().then(
      (all) => void (this.all = all),
      () => void (this.asked = undefined),
    );
    return this.asked;
  }

  reset(): void {
    this.all = [];
    this.asked = undefined;
  }
}

export const noteTemplates = new Templates();
onPersonChange(() => noteTemplates.reset());
