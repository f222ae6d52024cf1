export type Values = Record<string, string | number>;

/**
 * Fills the {places} of a message. Text goes in between isolation marks, so that a name in the other direction cannot disturb
 * the sentence around it.
 */
export function insert(template: string, values: Values, lang: string): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === 'number' ? new Intl.NumberFormat(lang).format(value) : `\u2068${value}\u2069`;
  });
}
