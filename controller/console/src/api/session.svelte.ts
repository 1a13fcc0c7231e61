// Who the console is to the controller: nobody on its own machine, the holder of a token from beyond it.

const KEY = 'drover.token';

class Session {
  token = $state(read());
  /** Why a token is asked for; empty where none is. */
  asked = $state('');

  ask(why: string) {
    this.asked = why;
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
