// Ports for programs that must be told theirs before they run.
import { execFileSync } from 'node:child_process';

/** Below those that the system gives to outgoing connections: of them, any could be taken before the program has begun. */
const [LOWEST, HIGHEST] = [20_000, 32_000];

/** So many ports of loopback that nobody listens on. */
export function freePorts(count: number): number[] {
  const look = `
    const net = require('net');
    const found = new Set();
    const next = () => {
      if (found.size === ${count}) return console.log(JSON.stringify([...found]));
      const port = ${LOWEST} + Math.floor(Math.random() * ${HIGHEST - LOWEST});
      const server = net.createServer().once('error', next);
      server.listen(port, '127.0.0.1', () => server.close(() => (found.add(port), next())));
    };
    next();`;
  return JSON.parse(execFileSync(process.execPath, ['-e', look], { encoding: 'utf8' })) as number[];
}
