/** Files that the browser keeps. */

export function save(href: string, name: string): void {
  const link = document.createElement('a');
  link.href = href;
  link.download = name;
  link.click();
}

/** One JSON object a line. */
export function saveLines(lines: readonly unknown[], name: string): void {
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  const href = URL.createObjectURL(new Blob([text], { type: 'application/x-ndjson' }));
  save(href, name);
  // The browser reads it after this turn.
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}
