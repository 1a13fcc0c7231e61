// One question at a time, asked by whoever needs an answer, shown by the shell; and short notes of what was done.

export interface Question {
  title: string;
  text: string;
  /** The word on the button that does it. */
  yes: string;
  danger?: boolean;
}

export interface Note {
  id: number;
  text: string;
  tone: 'good' | 'bad' | 'warn';
}

const SHOWN_MS = 6_000;

class Asking {
  question = $state.raw<Question & { answer: (yes: boolean) => void }>();
  notes = $state.raw<Note[]>([]);
  /** Those that are open, the topmost last: the notes are shown in it. */
  dialogs = $state.raw<string[]>([]);
  #next = 1;

  /** Whether a person agrees. */
  confirm(question: Question): Promise<boolean> {
    return new Promise((done) => {
      const answer = (yes: boolean) => {
        this.question = undefined;
        done(yes);
      };
      this.question = { ...question, answer };
    });
  }

  say(text: string, tone: Note['tone'] = 'good') {
    const id = this.#next++;
    this.notes = [...this.notes.slice(-3), { id, text, tone }];
    // What went wrong stays until it is closed.
    if (tone !== 'bad') setTimeout(() => this.drop(id), SHOWN_MS);
  }

  drop(id: number) {
    this.notes = this.notes.filter((note) => note.id !== id);
  }
}

export const asking = new Asking();
export const say = (text: string, tone?: Note['tone']) => asking.say(text, tone);
export const confirm = (question: Question) => asking.confirm(question);
