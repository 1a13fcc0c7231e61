// A picture of a phone's screen as it comes over the live connection: a head of 24 bytes, then the picture.

export interface Frame {
  stream: number;
  /** From 1; where numbers are missing, pictures were left out. */
  number: number;
  width: number;
  height: number;
  /** Milliseconds since 1970. */
  at: number;
  type: 'image/jpeg' | 'image/png';
  picture: Uint8Array<ArrayBuffer>;
}

const SHORTEST_HEAD = 24;
const TYPES: Record<number, Frame['type']> = { 1: 'image/jpeg', 2: 'image/png' };

/** `undefined` for what this console does not know how to show. */
export function frameOf(bytes: ArrayBuffer): Frame | undefined {
  if (bytes.byteLength < SHORTEST_HEAD) return undefined;
  const head = new DataView(bytes);
  const type = TYPES[head.getUint8(1)];
  const length = head.getUint8(3);
  if (head.getUint8(0) !== 1 || !type || length < SHORTEST_HEAD || length > bytes.byteLength) return undefined;
  return {
    stream: head.getUint32(4),
    number: head.getUint32(8),
    width: head.getUint16(12),
    height: head.getUint16(14),
    at: Number(head.getBigUint64(16)) / 1000,
    type,
    picture: new Uint8Array(bytes, length),
  };
}
