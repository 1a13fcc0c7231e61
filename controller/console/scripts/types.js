// Makes src/api/schema.d.ts of the controller's OpenAPI document, which is read from a file or from standard input.
// With --check nothing is written: it ends with 1 where the file that is there says something else.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import openapiTS, { astToString } from 'openapi-typescript';

const args = process.argv.slice(2);
const check = args.includes('--check');
const from = args.find((arg) => !arg.startsWith('--'));
const file = new URL('../src/api/schema.d.ts', import.meta.url).pathname;

// A pipe may have nothing yet: it is waited for.
const parts = [];
if (from === undefined) for await (const part of process.stdin) parts.push(part);
const document = JSON.parse(from === undefined ? Buffer.concat(parts).toString() : readFileSync(from, 'utf8'));
// Every refusal has one shape, ErrorEnvelope: said once, not at each of a hundred operations.
for (const item of Object.values(document.paths)) {
  for (const operation of Object.values(item)) {
    for (const status of Object.keys(operation.responses)) {
      if (status >= '400') delete operation.responses[status];
    }
    operation.responses.default = {
      description: 'A refusal',
      content: { 'application/json': { schema: { $ref: '#/components/schemas/ErrorEnvelope' } } },
    };
  }
}
const head = '// Made by `make console-types` of the OpenAPI document of the controller. Not to be edited.\n\n';
const text = head + astToString(await openapiTS(document, { alphabetize: true }));

if (!check) {
  writeFileSync(file, text);
} else if (!existsSync(file) || readFileSync(file, 'utf8') !== text) {
  console.error('console: src/api/schema.d.ts is not what the controller serves: run `make console-types` and commit it');
  process.exit(1);
}
