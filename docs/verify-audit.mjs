// A second verifier of an exported audit chain, written from docs/audit-format.md
// alone. It needs Node 18 or newer and no packages:
//
//   node verify-audit.mjs CHAIN.jsonl [CHECKPOINTS.jsonl PUBLIC-KEY]
//
// It prints one line and ends with 0 when all is intact, with 1 when it is not.
import { createHash, createPublicKey, verify as verifySignature } from 'node:crypto';
import { readFileSync, realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const id = '"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"';
const number = '(0|-?[1-9][0-9]*)';
const word = '"([^"\\\\<>&\\x00-\\x1f\\x7f-\\uffff]*)"';
const time = '"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\\.([0-9]{0,5}[1-9]))?Z"';
const bytes = '(null|"[A-Za-z0-9+/]*={0,2}")';

// A line has exactly these bytes: nothing in another order, no blanks.
const entryLine = new RegExp(
  `^{"workspace_id":${id},"seq":${number},"at":${time},"actor_kind":${word},"actor_id":${id},"action":${word},"outcome":${word},` +
    `"subject_id":${id},"count":${number},"session_id":${id},"request_id":${id}(?:,"content":("[A-Za-z0-9+/]+={0,2}"))?,"hash":${bytes}}$`,
);
const checkpointLine = new RegExp(`^{"workspace_id":${id},"seq":${number},"hash":${bytes},"at":${time},"signature":${bytes}}$`);

const idBytes = (text) => Buffer.from(text.replaceAll('-', ''), 'hex');

/** 8 bytes, big endian, two's complement; throws what does not fit. */
function int64(value) {
  const b = Buffer.alloc(8);
  b.writeBigInt64BE(value);
  return b;
}

/** 2 bytes of length, then the bytes. */
function counted(value) {
  const b = Buffer.alloc(2);
  b.writeUInt16BE(value.length);
  return Buffer.concat([b, value]);
}

/** Microseconds since 1970; throws for a time that there is not. */
function micros(seconds, fraction = '') {
  const ms = Date.parse(`${seconds}Z`);
  if (Number.isNaN(ms) || !new Date(ms).toISOString().startsWith(seconds)) throw new Error('no such time');
  return BigInt(ms) * 1000n + BigInt(fraction.padEnd(6, '0'));
}

/** The bytes behind base64, which must be written as one writes it. */
function base64(quoted) {
  if (quoted === 'null') return Buffer.alloc(0);
  const text = quoted.slice(1, -1), raw = Buffer.from(text, 'base64');
  if (raw.toString('base64') !== text) throw new Error('no base64');
  return raw;
}

function readEntry(line) {
  const [, workspace, seq, seconds, fraction, kind, actor, action, outcome, subject, count, session, request, content, hash] = entryLine.exec(line);
  const parts = [
    Buffer.from(`pazpaz audit v${content ? 2 : 1}\0`),
    ...[idBytes(workspace), int64(BigInt(seq)), int64(micros(seconds, fraction)), counted(Buffer.from(kind)), idBytes(actor)],
    ...[counted(Buffer.from(action)), counted(Buffer.from(outcome)), idBytes(subject), int64(BigInt(count)), idBytes(session), idBytes(request)],
  ];
  if (content) parts.push(counted(base64(content)));
  return { workspace, seq: BigInt(seq), canonical: Buffer.concat(parts), hash: base64(hash) };
}

function readCheckpoint(line, key) {
  const [, workspace, seq, hash, seconds, fraction, signature] = checkpointLine.exec(line);
  const signed = [Buffer.from('pazpaz checkpoint v1\0'), idBytes(workspace), int64(BigInt(seq)), int64(micros(seconds, fraction)), base64(hash)];
  if (!verifySignature(null, Buffer.concat(signed), key, base64(signature))) throw new Error('the signature is not ours');
  return { workspace, seq: BigInt(seq), hash: base64(hash) };
}

/** The lines of a file, without the end of each. */
const linesOf = (text) => text.replace(/\n$/, '').split('\n').map((line) => line.replace(/\r$/, ''));

/** A line that is no JSON was cut by a crash while it was written. */
const isJSON = (line) => { try { JSON.parse(line); return true; } catch { return false; } };

function readCheckpoints(text, publicKey) {
  const x = Buffer.from(publicKey, 'base64').toString('base64url');
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  return linesOf(text).filter((line) => line !== '' && isJSON(line)).map((line, i) => {
    try { return readCheckpoint(line, key); } catch { throw new Error(`checkpoint ${i + 1}: the signature is not ours`); }
  });
}

/** Returns a sentence, or throws one that names the first bad entry. */
export function verify(chain, checkpoints, publicKey) {
  const given = checkpoints !== undefined, signed = given ? readCheckpoints(checkpoints, publicKey) : [];
  let workspace, known, seq = 0n, hash = Buffer.alloc(32);
  const bad = (at, why) => new Error(`audit chain of ${workspace} breaks at entry ${at}: ${why}`);
  if (chain === '') throw new Error('the export holds no events');
  linesOf(chain).forEach((line, i) => {
    let entry;
    try { entry = readEntry(line); } catch { throw new Error(`read audit chain: line ${i + 1}: it is not written as an export writes it`); }
    workspace ??= entry.workspace;
    known ??= signed.filter((c) => c.workspace === workspace).sort((a, b) => Number(a.seq - b.seq));
    if (given && known.length === 0) throw new Error(`audit chain of ${workspace}: no checkpoint is about it`);
    if (entry.workspace !== workspace) throw bad(seq + 1n, 'it belongs to another workspace');
    if (entry.seq > seq + 1n) throw bad(seq + 1n, 'it is missing');
    if (entry.seq < seq + 1n) throw bad(entry.seq, 'it is there twice or out of order');
    hash = createHash('sha256').update(hash).update(entry.canonical).digest();
    if (!hash.equals(entry.hash)) throw bad(entry.seq, 'its content does not match its hash');
    seq = entry.seq;
    if (known.some((c) => c.seq === seq && !c.hash.equals(hash))) throw bad(seq, 'it differs from a checkpoint, so the chain was rewritten up to here');
  });
  const last = known.at(-1);
  if (last && last.seq > seq) throw bad(seq + 1n, `the tail is missing: a checkpoint proves ${last.seq} entries`);
  return `${workspace}: ${seq} entries, intact${given ? `, ${last.seq} of them proved by checkpoints` : ''}`;
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const [chain, checkpoints, key] = process.argv.slice(2);
  try {
    console.log(verify(readFileSync(chain, 'latin1'), checkpoints === undefined ? undefined : readFileSync(checkpoints, 'latin1'), key));
  } catch (err) {
    console.error(err.message);
    process.exitCode = 1;
  }
}
