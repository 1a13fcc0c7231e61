// Server-sent events out of the pieces of a stream. By hand, for a browser's own EventSource cannot send a token.

export interface ServerEvent {
  id: string;
  event: string;
  data: string;
}

/** Takes pieces of text as they come, gives whole events. Comments (heartbeats) are no events. */
export class EventParser {
  #rest = '';

  push(piece: string): ServerEvent[] {
    this.#rest += piece;
    const events: ServerEvent[] = [];
    for (;;) {
      const end = /\r\n\r\n|\n\n|\r\r/.exec(this.#rest);
      if (!end) return events;
      const event = read(this.#rest.slice(0, end.index));
      this.#rest = this.#rest.slice(end.index + end[0].length);
      if (event) events.push(event);
    }
  }
}

function read(block: string): ServerEvent | undefined {
  const event: ServerEvent = { id: '', event: 'message', data: '' };
  const data: string[] = [];
  for (const line of block.split(/\r\n|\n|\r/)) {
    const colon = line.indexOf(':');
    if (colon === 0) continue;
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'data') data.push(value);
    else if (name === 'event') event.event = value;
    else if (name === 'id') event.id = value;
  }
  if (data.length === 0) return undefined;
  event.data = data.join('\n');
  return event;
}
