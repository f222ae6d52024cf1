import type { Copied } from '../../api/types';
import type { Section, Sections } from './content';

/**
 * The lines of each section that were taken over from an earlier note and still stand, by their text: while somebody types, line
 * numbers move before the server has counted them anew.
 */
export type CopiedTexts = Record<Section, ReadonlySet<string>>;

export function copiedTexts(copied: Copied | undefined, content: Sections): CopiedTexts {
  const of = (name: Section) => {
    const lines = content[name].split('\n');
    const numbers = (copied?.[name] ?? []).flatMap((mark) => mark.lines);
    return new Set(numbers.map((number) => lines[number - 1]?.trim() ?? '').filter(Boolean));
  };
  return { subjective: of('subjective'), objective: of('objective'), assessment: of('assessment'), plan: of('plan') };
}
