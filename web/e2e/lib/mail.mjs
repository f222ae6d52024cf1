// Reads the messages that the server keeps as files when it has no mail server.
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

import { until } from './until.mjs';

function decode(body, encoding) {
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString('utf8');
  if (encoding !== 'quoted-printable') return body;
  const bytes = body
    .replace(/=\r?\n/g, '')
    .replace(/=([0-9A-F]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** All text of a message, its parts decoded one by one. */
function textOf(source) {
  const boundary = /boundary="?([^";\r\n]+)"?/i.exec(source)?.[1];
  const parts = boundary ? source.split(`--${boundary}`) : [source];
  return parts
    .map((part) => {
      const [head, ...rest] = part.replace(/^\r?\n/, '').split(/\r?\n\r?\n/);
      const encoding = /content-transfer-encoding:\s*(\S+)/i.exec(head)?.[1]?.toLowerCase();
      return decode(rest.join('\n\n'), encoding);
    })
    .join('\n');
}

async function messages(folder) {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => name.endsWith('.eml')).sort();
}

/** What was in the folder before; give it to `nextMail`. */
export const mailsSoFar = messages;

async function proofIn(folder, name) {
  const text = textOf(await readFile(path.join(folder, name), 'utf8'));
  const link = /https?:\/\/\S+\/sign-in\/link#token=[\w-]+/.exec(text)?.[0];
  const code = /^\s+([2-9A-Z]{4} [2-9A-Z]{4})\s*$/m.exec(text)?.[1];
  return link && code ? { link, code } : undefined;
}

/** The link and the code of the next message that has them and was not there before. */
export async function nextMail(folder, before) {
  return until(async () => {
    const fresh = (await messages(folder)).filter((each) => !before.includes(each));
    const found = await Promise.all(fresh.map((name) => proofIn(folder, name)));
    return found.find(Boolean); // a notice of a new device has neither
  }, 'a mail with a link and a code');
}

/** How many messages with a link and a code there are. */
export async function signInMails(folder) {
  const found = await Promise.all((await messages(folder)).map((name) => proofIn(folder, name)));
  return found.filter(Boolean).length;
}

/** The text of the next message that was not there before and that the pattern fits. */
export function nextText(folder, before, pattern) {
  return until(async () => {
    const fresh = (await messages(folder)).filter((each) => !before.includes(each));
    const texts = await Promise.all(fresh.map(async (name) => textOf(await readFile(path.join(folder, name), 'utf8'))));
    return texts.find((text) => pattern.test(text));
  }, 'a mail');
}
