// A wall of made-up phones in front of a real farm: the farm's own page and answers, but for the list of phones and their
// screens, of which there are as many as are asked for, each with another picture every second.
import { createHash } from 'node:crypto';
import { createServer, request, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

export interface Wall {
  url: string;
  /** One of the pictures that it shows. */
  picture: Buffer;
  /** Pictures sent, bytes of them, and tiles that are watched now. */
  figures: () => { frames: number; bytes: number; watched: number };
  close: () => Promise<void>;
}

/** `api` is HOST:PORT of the farm; its first phones are the models. */
export async function wall(api: string, count: number, max: number): Promise<Wall> {
  const [host, port] = api.split(':');
  const { data } = await (await fetch(`http://${api}/api/v1/devices`)).json();
  const models: Record<string, unknown>[] = data.devices.filter((phone: { state: string }) => phone.state === 'online');
  const pictures = await Promise.all(
    models.map(async ({ serial }) => Buffer.from(await (await fetch(`http://${api}/api/v1/devices/${serial}/screenshot?max=${max}`)).arrayBuffer())),
  );
  const phones = Array.from({ length: count }, (_, index) => ({
    ...models[index % models.length],
    serial: `WALL${String(index + 1).padStart(4, '0')}`,
    device_index: index + 1,
    name: '',
    host_name: `hub${1 + (index % 8)}`,
    groups: [`row ${1 + (index % 5)}`],
  }));
  let frames = 0;
  let bytes = 0;
  const sockets = new Set<Duplex>();
  let watched = 0;

  const server = createServer((asked, answer) => {
    if (asked.url?.split('?')[0] === '/api/v1/devices') {
      answer.setHeader('content-type', 'application/json');
      answer.end(JSON.stringify({ code: 0, message: 'success', data: { devices: phones, total: count, page: 1, page_size: count } }));
      return;
    }
    const headers = { ...asked.headers, host: api };
    delete headers.origin;
    const onward = request({ host, port, method: asked.method, path: asked.url, headers }, (came) => {
      answer.writeHead(came.statusCode ?? 502, came.headers);
      came.pipe(answer);
    });
    onward.on('error', () => answer.destroy());
    asked.pipe(onward);
  });

  server.on('upgrade', (asked: IncomingMessage, socket: Duplex) => {
    sockets.add(socket);
    const key = createHash('sha1').update(`${asked.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${key}\r\nSec-WebSocket-Protocol: drover.live.1\r\n\r\n`);
    const tiles = new Map<number, { timer: NodeJS.Timeout; number: number }>();
    const show = (stream: number) => {
      const tile = tiles.get(stream);
      if (!tile || socket.writableLength > 1 << 20) return;
      const picture = pictures[(stream + tile.number) % pictures.length] ?? Buffer.alloc(0);
      const head = Buffer.alloc(24);
      head.set([1, 1, 1, 24]);
      head.writeUInt32BE(stream, 4);
      head.writeUInt32BE(++tile.number, 8);
      head.writeBigInt64BE(BigInt(Date.now()) * 1000n, 16);
      const body = Buffer.concat([head, picture]);
      socket.write(Buffer.concat([framed(2, body.length), body]));
      frames++;
      bytes += body.length;
    };
    const forget = (stream: number) => {
      clearInterval(tiles.get(stream)?.timer);
      if (tiles.delete(stream)) watched--;
    };
    let read: Buffer = Buffer.alloc(0);
    socket.on('data', (piece: Buffer) => {
      read = Buffer.concat([read, piece]);
      for (;;) {
        const message = unframed(read);
        if (!message) return;
        read = message.rest;
        if (message.kind !== 1) continue;
        const said = JSON.parse(message.body.toString()) as { watch: { stream: number; rate: number }[]; unwatch: number[] };
        said.unwatch.forEach(forget);
        for (const { stream, rate } of said.watch) {
          forget(stream);
          tiles.set(stream, { timer: setInterval(() => show(stream), 1000 / rate), number: 0 });
          watched++;
          show(stream);
        }
      }
    });
    const end = () => {
      sockets.delete(socket);
      for (const stream of [...tiles.keys()]) forget(stream);
    };
    socket.on('close', end);
    socket.on('error', end);
  });

  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    picture: pictures[0] ?? Buffer.alloc(0),
    figures: () => ({ frames, bytes, watched }),
    close: () =>
      new Promise((done) => {
        for (const socket of sockets) socket.destroy();
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}

/** The head of a WebSocket's frame from a server. */
function framed(kind: number, length: number): Buffer {
  if (length < 126) return Buffer.from([0x80 | kind, length]);
  const head = Buffer.alloc(length < 65_536 ? 4 : 10);
  head[0] = 0x80 | kind;
  head[1] = length < 65_536 ? 126 : 127;
  if (length < 65_536) head.writeUInt16BE(length, 2);
  else head.writeBigUInt64BE(BigInt(length), 2);
  return head;
}

/** The first whole frame of a client, and what is behind it. */
function unframed(read: Buffer): { kind: number; body: Buffer; rest: Buffer } | undefined {
  if (read.length < 2) return undefined;
  let length = (read[1] ?? 0) & 0x7f;
  let at = 2;
  if (length === 126) {
    if (read.length < 4) return undefined;
    length = read.readUInt16BE(2);
    at = 4;
  } else if (length === 127) {
    if (read.length < 10) return undefined;
    length = Number(read.readBigUInt64BE(2));
    at = 10;
  }
  if (read.length < at + 4 + length) return undefined;
  const mask = read.subarray(at, at + 4);
  const body = Buffer.from(read.subarray(at + 4, at + 4 + length));
  for (let index = 0; index < length; index++) body[index] = (body[index] ?? 0) ^ (mask[index % 4] ?? 0);
  return { kind: (read[0] ?? 0) & 0x0f, body, rest: read.subarray(at + 4 + length) };
}
