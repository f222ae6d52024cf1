// Starts the built binary on a free port with a folder of its own, and reads what it prints.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

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

/** One server and its folder. It can die and come back: same folder, same address. */
class Server {
  #child;
  #ended;
  #output = { out: '', err: '' };

  constructor(data, port, args, env, host) {
    Object.assign(this, { data, args, env });
    this.url = `http://${host}:${port}`;
    this.mailFolder = path.join(data, 'data', 'mail');
    this.address = { PAZPAZ_DATA_DIR: path.join(data, 'data'), PAZPAZ_ADDR: `127.0.0.1:${port}` };
  }

  async start() {
    this.#output.out = ''; // what is printed is of this start
    const env = environment({ ...this.address, ...this.env });
    const child = spawn(binary, ['serve', ...this.args], { cwd: this.data, env });
    child.stdout.on('data', (chunk) => (this.#output.out += chunk));
    child.stderr.on('data', (chunk) => (this.#output.err += chunk));
    [this.#child, this.#ended] = [child, once(child, 'exit')];
    await until(async () => {
      if (child.exitCode !== null) throw new Error(`the server ended:\n${this.#output.err}${this.#output.out}`);
      const answer = await fetch(`${this.url}/readyz`).catch(() => undefined);
      return answer?.ok;
    }, 'the server to be ready');
  }

  log() {
    return this.#output.err;
  }

  /** Runs another command of the binary beside it, on the same data. */
  async command(...args) {
    const env = environment({ ...this.address, ...this.env });
    return (await promisify(execFile)(binary, args, { cwd: this.data, env })).stdout;
  }

  /** Waits for a line on standard output and answers what the pattern caught. */
  printed(pattern) {
    return until(() => pattern.exec(this.#output.out)?.[1], `the server to print ${pattern}`);
  }

  /** Ends it without a goodbye, as a power cut would; the folder stays. */
  kill() {
    return this.#end('SIGKILL');
  }

  async stop() {
    await this.#end('SIGTERM');
    await rm(this.data, { recursive: true, force: true });
  }

  async #end(signal) {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill(signal);
    await this.#ended;
  }
}

/**
 * `port`: where another server of this run has been, for a second practice at the same address. `named`: reached by a name,
 * which passkeys need.
 */
export async function startServer({ demo = false, env = {}, port, named = false } = {}) {
  const data = await mkdtemp(path.join(os.tmpdir(), 'pazpaz-e2e-'));
  const own = port ?? (await freePort());
  const host = named ? 'localhost' : '127.0.0.1';
  const all = { PAZPAZ_PUBLIC_URL: `http://${host}:${own}`, ...env };
  const server = new Server(data, own, demo ? ['--demo'] : [], all, host);
  try {
    await server.start();
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}
