// Starts the built binary on a free port with a folder of its own, and reads what it prints.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { until } from './until.mjs';

export const binary = process.env.PAZPAZ_BIN ?? fileURLToPath(new URL('../../../bin/pazpaz', import.meta.url));

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}

// Settings of whoever runs this must not reach the server: it refuses unknown ones and would use their data.
function environment(extra) {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(PAZPAZ_|DATABASE_URL$|REDIS_URL$|SECRET_KEY$)/.test(name),
  );
  return { ...Object.fromEntries(own), ...extra };
}

export async function startServer({ demo = false, env = {} } = {}) {
  const data = await mkdtemp(path.join(os.tmpdir(), 'pazpaz-e2e-'));
  const port = await freePort();
  const child = spawn(binary, ['serve', ...(demo ? ['--demo'] : [])], {
    cwd: data,
    env: environment({ PAZPAZ_DATA_DIR: path.join(data, 'data'), PAZPAZ_ADDR: `127.0.0.1:${port}`, ...env }),
  });
  const output = { out: '', err: '' };
  child.stdout.on('data', (chunk) => (output.out += chunk));
  child.stderr.on('data', (chunk) => (output.err += chunk));
  const ended = once(child, 'exit');

  const server = {
    url: `http://127.0.0.1:${port}`,
    mailFolder: path.join(data, 'data', 'mail'),
    log: () => output.err,
    /** Waits for a line on standard output and answers what the pattern caught. */
    printed: (pattern) => until(() => pattern.exec(output.out)?.[1], `the server to print ${pattern}`),
    async stop() {
      if (child.exitCode === null) child.kill('SIGTERM');
      await ended;
      await rm(data, { recursive: true, force: true });
    },
  };
  try {
    await until(async () => {
      if (child.exitCode !== null) throw new Error(`the server ended:\n${output.err}${output.out}`);
      const answer = await fetch(`${server.url}/readyz`).catch(() => undefined);
      return answer?.ok;
    }, 'the server to be ready');
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}
