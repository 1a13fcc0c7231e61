// A farm for the tests: the demo's own script, in a folder of its own, until the tests are over.
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';

const PATIENCE_MS = 180_000;

/** `DROVER_TEST_RUNNING=1` with `DROVER_TEST_API` leaves it to a demo that runs already. */
export default async function farm(): Promise<() => Promise<void>> {
  if (process.env.DROVER_TEST_RUNNING) return async () => undefined;
  const root = resolve(import.meta.dirname, '../..');
  const folder = resolve(root, 'target/console/farm');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const env = {
    ...process.env,
    PHONES: '3',
    API: process.env.DROVER_TEST_API,
    CONTROL: process.env.DROVER_TEST_CONTROL,
    DIR: folder,
    // What a prepared phone types every script with; tests/prepare.sh fetches it.
    DROVER_KEYBOARD_APK: resolve(root, 'target/resident/keyboard.apk'),
  };
  const demo = spawn(resolve(root, 'deploy/demo.sh'), { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const log = createWriteStream(resolve(folder, 'demo.log'));
  demo.stderr.pipe(log);
  let said = '';
  demo.stderr.on('data', (text) => (said += text));
  const ended = new Promise<void>((done) => demo.once('exit', () => done()));
  const ready = new Promise<void>((done, failed) => {
    const timer = setTimeout(() => failed(new Error(`no farm within ${PATIENCE_MS / 1000} s:\n${said}`)), PATIENCE_MS);
    demo.stdout.on('data', (text) => {
      if (!String(text).includes('ready:')) return;
      clearTimeout(timer);
      done();
    });
    demo.once('exit', () => {
      clearTimeout(timer);
      failed(new Error(`the farm ended:\n${said}`));
    });
  });
  try {
    await ready;
  } catch (error) {
    demo.kill('SIGTERM');
    throw error;
  }
  return async () => {
    demo.kill('SIGTERM');
    await ended;
  };
}
