// A run that is being put together: for whom, which script, with which parameters, when. Kept until it is started, so that
// a closed tab loses nothing.
import { config, type Parameter, type Typed } from '../../lib/form';

export interface Wish {
  by: 'accounts' | 'phones';
  platform: string;
  usernames: string[];
  serials: string[];
  groups: string[];
  everyAccount: boolean;
  script: string;
  /** What was typed, by platform and script. */
  typed: Record<string, Typed>;
  when: 'now' | 'time' | 'at';
  time: string;
  at: string;
  least: string;
  most: string;
  retries: string;
}

export const BLANK: Wish = {
  by: 'accounts',
  platform: 'tiktok',
  usernames: [],
  serials: [],
  groups: [],
  everyAccount: false,
  script: '',
  typed: {},
  when: 'now',
  time: '',
  at: '',
  least: '',
  most: '',
  retries: '',
};

const KEY = 'drover.draft.run';

/** What was kept, and over it what the address asks for. */
export function begin(kept: string | null, query: URLSearchParams): Wish {
  let wish = structuredClone(BLANK);
  try {
    const read: unknown = JSON.parse(kept ?? 'null');
    if (read !== null && typeof read === 'object') wish = { ...wish, ...read };
  } catch {
    // What cannot be read is begun anew.
  }
  const list = (name: string) => query.get(name)?.split(',').map((one) => one.trim()).filter(Boolean);
  const platform = query.get('platform');
  if (platform) wish.platform = platform;
  const script = query.get('script');
  if (script) wish.script = script;
  const usernames = list('usernames');
  const serials = list('serials');
  if (usernames) Object.assign(wish, { by: 'accounts', usernames });
  // For these alone, whatever was ticked for another run.
  if (serials) Object.assign(wish, { by: 'phones', serials, groups: [], everyAccount: false });
  return wish;
}

export function typedKey(wish: Pick<Wish, 'platform' | 'script'>): string {
  return `${wish.platform}/${wish.script}`;
}

/** The body of POST /task. */
export function body(wish: Wish, parameters: Parameter[], typed: Typed): Record<string, unknown> {
  const sent: Record<string, unknown> = {};
  if (wish.by === 'accounts') {
    sent['usernames'] = wish.usernames;
  } else {
    sent['serials'] = wish.serials;
    if (wish.groups.length) sent['groups'] = wish.groups;
    if (wish.everyAccount) sent['enable_multi_account'] = true;
  }
  sent['platform'] = wish.platform;
  sent['script_name'] = wish.script;
  const set = config(parameters, typed);
  if (Object.keys(set).length) sent['script_config'] = set;
  if (wish.when === 'time' && wish.time) sent['start_time'] = wish.time;
  if (wish.when === 'at' && wish.at && !Number.isNaN(Date.parse(wish.at))) sent['start_at'] = new Date(wish.at).toISOString();
  for (const [name, text] of [['min_interval', wish.least], ['max_interval', wish.most], ['max_retries', wish.retries]] as const) {
    if (text.trim() !== '') sent[name] = Number.isNaN(Number(text)) ? text : Number(text);
  }
  return sent;
}

export function isAddressed(wish: Wish): boolean {
  return wish.by === 'accounts' ? wish.usernames.length > 0 : wish.serials.length + wish.groups.length > 0;
}

export function kept(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

export function keep(wish: Wish | undefined) {
  try {
    if (wish) localStorage.setItem(KEY, JSON.stringify(wish));
    else localStorage.removeItem(KEY);
  } catch {
    // Without storage the draft lives as long as the page.
  }
}
