/** The code of a sign-in message: 8 characters without those that look alike. */
export const codeLength = 8;

/** As the server compares it: no spaces or dashes, upper case. */
export function normalCode(typed: string): string {
  return typed.replace(/[\s\-\u2010-\u2015\u2066-\u2069]/g, '').toUpperCase();
}

export function isWholeCode(typed: string): boolean {
  return new RegExp(`^[2-9A-HJKMNP-Z]{${codeLength}}$`).test(normalCode(typed));
}
