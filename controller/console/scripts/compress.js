// Lays a brotli and a gzip copy beside each built file, so that the controller sends them without any work.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const root = new URL('../dist/web', import.meta.url).pathname;

for (const name of readdirSync(root, { recursive: true })) {
  const file = join(root, name);
  if (!statSync(file).isFile() || !/\.(js|css|html|svg|json)$/.test(name)) continue;
  const content = readFileSync(file);
  const brotli = { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length } };
  writeFileSync(`${file}.br`, brotliCompressSync(content, brotli));
  writeFileSync(`${file}.gz`, gzipSync(content, { level: 9 }));
}
