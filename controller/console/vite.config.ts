// How the console is built: one page, its parts loaded when their page is opened, nothing from elsewhere.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

const controller = process.env.DROVER_API ?? 'http://127.0.0.1:50809';
const proxied = { target: controller, changeOrigin: true, headers: { origin: controller } };

export default defineConfig({
  plugins: [svelte()],
  build: {
    outDir: 'dist/web',
    // light-dark() and nesting stay as they are written.
    target: ['chrome123', 'firefox128', 'safari17.5'],
    // A data: address would need a hole in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // How long each plugin took is not asked for.
    rolldownOptions: { checks: { pluginTimings: false } },
  },
  server: { port: 5173, proxy: { '/api': { ...proxied, ws: true }, '/openapi.json': proxied, '/readyz': proxied } },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
});
