/** The code of a sign-in message: 8 characters without those that look alike. */
export const codeLength = 8;

/** As the server compares it: no spaces or dashes, upper case. */
export function normalCode(typed: string): string {
  return typed.replace(/[\s\-\u2010-\u2015\u2066-\u2069]/g, '').toUpperCase();
}

/** What is wrong with a code before the server is asked: a sign is missing, or is one that no code has. */
export function codeProblem(typed: string): 'short' | 'odd' | undefined {
  if (isWholeCode(typed)) return undefined;
  return normalCode(typed).length < codeLength ? 'short' : 'odd';
}

export function isWholeCode(typed: string): boolean {
  return new RegExp(`^[2-9A-HJKMNP-Z]{${codeLength}}$`).test(normalCode(typed));
}
