// A PostgreSQL database of this run's own, made and dropped with the psql that comes with the server.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

const run = promisify(execFile);

async function sql(url, text) {
  // The address goes in by the environment: arguments can be read by everybody on the machine.
  const { username, password, hostname, port, pathname } = new URL(url);
  const env = {
    ...process.env,
    PGUSER: decodeURIComponent(username),
    PGPASSWORD: decodeURIComponent(password),
    PGHOST: hostname,
    PGPORT: port || '5432',
    PGDATABASE: pathname.slice(1),
  };
  await run('psql', ['--no-psqlrc', '--quiet', '--set', 'ON_ERROR_STOP=1', '--command', text], { env });
}

export async function newDatabase(adminURL) {
  const name = `pazpaz_e2e_${randomBytes(6).toString('hex')}`;
  await sql(adminURL, `create database ${name}`);
  const url = new URL(adminURL);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => sql(adminURL, `drop database if exists ${name} with (force)`) };
}
