// A farm with nothing in it: a controller that was just installed, and a phone in whose app somebody is logged in already.
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, type APIRequestContext } from '@playwright/test';
import { freePorts } from './ports.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const BIN = resolve(ROOT, 'target/debug');

export interface Empty {
  url: string;
  control: string;
  /** Runs the command that the console shows on a machine with a hub: the phones of this farm are connected to it. */
  join(command: string): void;
  /** Kills the controller as a crash would, and starts it again. */
  restart(request: APIRequestContext): Promise<void>;
  end(): Promise<void>;
}

export async function emptyFarm(request: APIRequestContext): Promise<Empty> {
  const folder = resolve(ROOT, 'target/console/empty');
  rmSync(folder, { recursive: true, force: true });
  for (const name of ['controller', 'agent', 'home']) mkdirSync(resolve(folder, name), { recursive: true, mode: 0o700 });
  const [api, control, phone, data, join, adb] = freePorts(6) as [number, number, number, number, number, number];
  const running: ChildProcess[] = [];
  const start = (name: string, args: string[], env: Record<string, string> = {}) => {
    const log = openSync(resolve(folder, `${name}.log`), 'a');
    const child = spawn(resolve(BIN, name), args, { env: { ...process.env, ...env }, stdio: ['ignore', log, log] });
    closeSync(log);
    running.push(child);
    return child;
  };
  const url = `http://127.0.0.1:${api}`;
  const listens = async (request: APIRequestContext) => {
    const isReady = async () => (await request.get(`${url}/readyz`).catch(() => null))?.status() ?? 0;
    await expect.poll(isReady, { message: 'the controller is ready', timeout: 60_000 }).toBe(200);
  };
  const controller = () =>
    start('drover-controller', [
      ...['--data-dir', resolve(folder, 'controller'), '--listen', `127.0.0.1:${api}`],
      ...['--set', `agents.listen=127.0.0.1:${data}`, '--set', `agents.join_listen=127.0.0.1:${join}`, 'serve'],
    ]);
  start('simphone', ['--phones', '1', '--base-port', String(phone), '--control', `127.0.0.1:${control}`, '--data', resolve(folder, 'phones')]);
  let served = controller();
  await listens(request);
  return {
    url,
    control: `http://127.0.0.1:${control}`,
    join(command) {
      const [, ...args] = command.trim().split(/\s+/);
      // What stands for the machine's name, and what a machine with real cables would not need.
      const given = args.map((one) => one.replace('CONTROLLER:', '127.0.0.1:'));
      const more = ['--state', resolve(folder, 'agent'), '--adb-port', String(adb), '--connect', `127.0.0.1:${phone}`];
      start('drover-agent', [...given, ...more], { HOME: resolve(folder, 'home'), ADB_USB: '0', ADB_EMU: '0', ADB_LOCAL_TRANSPORT_MAX_PORT: '5554' });
    },
    async restart(request) {
      const ended = new Promise((done) => served.once('exit', done));
      served.kill('SIGKILL');
      await ended;
      served = controller();
      await listens(request);
    },
    async end() {
      for (const child of running.reverse()) {
        if (child.exitCode !== null || child.signalCode !== null) continue;
        const ended = new Promise((done) => child.once('exit', done));
        child.kill('SIGTERM');
        await ended;
      }
    },
  };
}
