// How a sheet is to be taken, as the API has it; kept in the browser, so that a mended sheet is taken as the first one was.

export interface Options {
  platform: string;
  on_error: string;
  on_duplicate: string;
  ids: string;
  allow_rename: boolean;
  adopt_device_index: boolean;
  encoding: string;
  delimiter: string;
}

export const USUAL: Options = {
  platform: '',
  on_error: 'refuse',
  on_duplicate: 'fault',
  ids: 'match',
  allow_rename: false,
  adopt_device_index: false,
  encoding: '',
  delimiter: '',
};

export const ALLOWED = {
  platform: ['', 'tiktok', 'instagram'],
  on_error: ['refuse', 'skip'],
  on_duplicate: ['fault', 'update', 'skip'],
  ids: ['match', 'ignore'],
  delimiter: ['', 'comma', 'semicolon', 'tab'],
} as const;

export function areOptions(value: unknown): value is Options {
  if (value === null || typeof value !== 'object') return false;
  const given = value as Record<string, unknown>;
  const isWhole = Object.entries(USUAL).every(([name, usual]) => typeof given[name] === typeof usual);
  return isWhole && Object.entries(ALLOWED).every(([name, allowed]) => (allowed as readonly unknown[]).includes(given[name]));
}

/** The query of a request: only what is not usual. */
export function query(options: Options): URLSearchParams {
  const asked = new URLSearchParams();
  for (const name of Object.keys(USUAL) as (keyof Options)[]) {
    const value = typeof options[name] === 'string' ? options[name].trim() : options[name];
    if (value !== USUAL[name]) asked.set(name, String(value));
  }
  return asked;
}
