// Who the console is to the controller: anybody on its own machine; from beyond it somebody who has logged in, whose cookie
// the browser keeps, or the holder of a token.

const KEY = 'drover.token';
const PATH = '/api/v1/session';

export type Role = 'viewer' | 'operator' | 'admin';

const RANKS: readonly Role[] = ['viewer', 'operator', 'admin'];

export interface Who {
  name: string;
  kind: 'machine' | 'command_line' | 'token' | 'user';
  role: Role;
}

class Session {
  token = $state(read());
  /** Why a token is asked for; empty where none is. */
  asked = $state('');
  /** Who is asking, once the controller has said so. */
  who = $state<Who | null>(null);

  /** Whoever has logged in and may not do something is told so where they tried it. */
  ask(why: string) {
    if (this.who?.kind !== 'user' || !why.includes('needs the role')) this.asked = why;
  }

  /** Whether whoever is asking may do what needs this role; until the controller has said who it is, everything is offered. */
  may(role: Role): boolean {
    return this.who === null || RANKS.indexOf(this.who.role) >= RANKS.indexOf(role);
  }

  /** Finds out who is asking; that nobody is known shows with the first page. */
  async look() {
    const headers: HeadersInit = this.token ? { authorization: `Bearer ${this.token}` } : {};
    const answer = await fetch(PATH, { headers }).catch(() => null);
    const told = (await answer?.json().catch(() => null)) as { code: number; data: Who } | null;
    this.who = told?.code === 0 ? told.data : null;
    // The style sheet leaves out what is marked as needing more.
    if (this.who) document.documentElement.dataset['role'] = this.who.role;
    else delete document.documentElement.dataset['role'];
  }

  /** Why not, in the controller's words; nothing where they are in. */
  async logIn(name: string, password: string): Promise<string> {
    const body = JSON.stringify({ name, password });
    const headers = { 'content-type': 'application/json' };
    try {
      const answer = await fetch(PATH, { method: 'POST', headers, body });
      const told = (await answer.json()) as { code: number; message: string };
      if (told.code !== 0) return told.message;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    this.forget();
    this.asked = '';
    return '';
  }

  async logOut() {
    await fetch(PATH, { method: 'DELETE' }).catch(() => null);
    this.who = null;
  }

  /** Keeps the token for this tab alone, or for the browser. */
  give(token: string, remember: boolean) {
    this.token = token;
    this.asked = '';
    try {
      sessionStorage.setItem(KEY, token);
      if (remember) localStorage.setItem(KEY, token);
    } catch {
      // Without storage it is good until the page is closed.
    }
  }

  forget() {
    this.token = '';
    try {
      sessionStorage.removeItem(KEY);
      localStorage.removeItem(KEY);
    } catch {
      // Nothing was kept.
    }
  }
}

function read(): string {
  try {
    return sessionStorage.getItem(KEY) ?? localStorage.getItem(KEY) ?? '';
  } catch {
    return '';
  }
}

export const session = new Session();
