// The one way to the controller: typed requests, and refusals as errors that say what happened.
import createClient from 'openapi-fetch';
import type { components, paths } from './schema';
import { session } from './session.svelte';

export type Schema = components['schemas'];

/** The controller could not be asked at all. */
export const UNREACHABLE = 0;
/** The code of "a token is needed, is wrong, or may not do this". */
export const TOKEN_NEEDED = 40101;

/** Why a request was not done: the envelope's code and message. */
export class Fault extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }

  /** The parameter that the message names, as in "start_time: must be …". */
  get field(): string | undefined {
    return /^([a-z_]+(?:\.[a-z_]+)*): /.exec(this.message)?.[1];
  }
}

interface Envelope<T> {
  code: number;
  message: string;
  data: T;
}

export const api = createClient<paths>({ querySerializer: { array: { style: 'form', explode: false } } });

api.use({
  onRequest({ request }) {
    if (session.token) request.headers.set('authorization', `Bearer ${session.token}`);
    return request;
  },
});

/** The data of an answer; throws a `Fault` for a refusal, under whatever HTTP status it came. */
export async function call<T>(request: Promise<{ data?: Envelope<T>; error?: unknown; response: Response }>): Promise<T> {
  let answer;
  try {
    answer = await request;
  } catch (error) {
    throw broken(error);
  }
  const told = (answer.data ?? answer.error) as Envelope<T> | undefined;
  if (typeof told !== 'object' || typeof told.code !== 'number') {
    throw new Fault(answer.response.status, `HTTP ${answer.response.status}`);
  }
  if (told.code !== 0) throw refused(told.code, told.message);
  return told.data;
}

/** A file of the controller, with the token where there is one. */
export async function file(url: string, signal?: AbortSignal): Promise<Blob> {
  const headers: HeadersInit = session.token ? { authorization: `Bearer ${session.token}` } : {};
  let response;
  try {
    response = await fetch(url, { headers, signal });
  } catch (error) {
    throw broken(error);
  }
  const isRefusal = response.headers.get('content-type')?.startsWith('application/json') && !url.endsWith('.json');
  if (!response.ok || isRefusal) {
    const told = (await response.json().catch(() => null)) as Envelope<unknown> | null;
    throw refused(told?.code ?? response.status, told?.message ?? `HTTP ${response.status}`);
  }
  return response.blob();
}

export function refused(code: number, message: string): Fault {
  if (code === TOKEN_NEEDED) session.ask(message);
  return new Fault(code, message);
}

function broken(error: unknown): unknown {
  const aborted = error instanceof DOMException && error.name === 'AbortError';
  return aborted ? error : new Fault(UNREACHABLE, error instanceof Error ? error.message : String(error));
}

/** Whatever was thrown, as something to show. */
export function faultOf(error: unknown): Fault {
  return error instanceof Fault ? error : new Fault(-1, error instanceof Error ? error.message : String(error));
}

export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}
