// The console in a real browser, against a whole farm on simulated phones that is started for it.
import { defineConfig } from '@playwright/test';
import { freePorts } from './ports.ts';

// Set once: the workers inherit them.
const [api, control] = freePorts(2);
process.env.DROVER_TEST_API ??= `127.0.0.1:${api}`;
process.env.DROVER_TEST_CONTROL ??= `127.0.0.1:${control}`;
const output = '../../target/console';

export default defineConfig({
  testDir: '.',
  globalSetup: './farm.ts',
  outputDir: `${output}/results`,
  // One farm, one after the other: what a test does to it the next one sees.
  workers: 1,
  fullyParallel: false,
  retries: 0,
  // Machines of tests are slow; nothing here depends on speed.
  timeout: 240_000,
  expect: { timeout: 60_000 },
  reporter: [['list']],
  use: {
    baseURL: `http://${process.env.DROVER_TEST_API}`,
    viewport: { width: 1280, height: 800 },
    locale: 'en-GB',
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: process.env.DROVER_CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
});
