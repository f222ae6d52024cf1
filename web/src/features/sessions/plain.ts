import { t } from '../../lib/i18n/index.svelte';
import { sections, type Sections } from './content';

/** A note as plain text, to paste elsewhere. */
export function plainText(content: Sections): string {
  const filled = sections.filter((name) => content[name].trim() !== '');
  return filled.map((name) => `${t(`note.${name}`)}\n${content[name].trim()}`).join('\n\n');
}
