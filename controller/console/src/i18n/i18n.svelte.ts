// The console's words. Each language is one catalogue with the same keys; all but English are fetched when they are chosen.
import { en } from './en';

export type Key = keyof typeof en;
export type Catalogue = Record<Key, string>;
/** Keys that come as "….one" and "….other". */
export type Counted = Key extends infer K ? (K extends `${infer Stem}.other` ? Stem : never) : never;

export const LANGUAGES = { en: 'English', fr: 'Français', sv: 'Svenska', zh: '中文' } as const;
export type Language = keyof typeof LANGUAGES;

const FETCHED: Record<Exclude<Language, 'en'>, () => Promise<Catalogue>> = {
  fr: async () => (await import('./fr')).fr,
  sv: async () => (await import('./sv')).sv,
  zh: async () => (await import('./zh')).zh,
};
const KEPT = 'drover.language';

class Words {
  language = $state<Language>('en');
  catalogue = $state.raw<Catalogue>(en);
  /** How numbers and times are written: as in the reader's own country, where the browser tells of one. */
  locale = $derived(navigator.languages.find((one) => one.toLowerCase().startsWith(this.language)) ?? this.language);

  async choose(language: Language) {
    const catalogue = language === 'en' ? en : await FETCHED[language]();
    this.language = language;
    this.catalogue = catalogue;
    document.documentElement.lang = language === 'zh' ? 'zh-Hans' : language;
    try {
      localStorage.setItem(KEPT, language);
    } catch {
      // It is asked of the browser again next time.
    }
  }

  /** The language that was chosen, or the first of the browser's that there is. */
  async start() {
    let kept: string | null = null;
    try {
      kept = localStorage.getItem(KEPT);
    } catch {
      // As if nothing had been chosen.
    }
    const wanted = [kept ?? '', ...navigator.languages].map((language) => language.slice(0, 2).toLowerCase());
    const language = wanted.find((language): language is Language => language in LANGUAGES) ?? 'en';
    if (language !== 'en') await this.choose(language);
  }
}

export const words = new Words();

export type Values = Record<string, string | number>;

/** `{name}` in a text becomes the value of that name; numbers are written as the language does. */
export function fill(text: string, values: Values, language: string): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === 'number' ? value.toLocaleString(language) : value;
  });
}

export function t(key: Key, values: Values = {}): string {
  return fill(words.catalogue[key], values, words.locale);
}

/** The same of a number of things. */
export function tn(stem: Counted, n: number, values: Values = {}): string {
  const one = new Intl.PluralRules(words.language).select(n) === 'one';
  return t(`${stem}.${one ? 'one' : 'other'}` as Key, { n, ...values });
}

/** The text under a key that is put together, where this language has it. */
export function known(key: string): string | undefined {
  return (words.catalogue as Record<string, string>)[key];
}

/** What only a person can do ("need_person:code") is told by what it is. */
const bareKind = (kind: string) => kind.replace(/^need_person:/, '');

/** A word that the controller sends, in the reader's language where the catalogue has it, else as it came. */
export function word(group: 'state' | 'script' | 'device' | 'kind' | 'material' | 'skipped' | 'grant' | 'import_state' | 'run_state', name: string): string {
  const bare = group === 'kind' ? bareKind(name) : name;
  return known(`${group}.${bare}`) ?? bare.replaceAll('_', ' ');
}

/** What to do about a failure of this kind; nothing where there is no more to say than what happened. */
export function advice(kind: string): string {
  return known(`advice.${bareKind(kind)}`) ?? '';
}

/** What a task waits for ("phone_hot: its phone cools down to 35 °C"): in words of this language, and as the controller tells it. */
export function waiting(text: string): { word: string; detail: string } {
  const [, name = '', rest = ''] = /^([a-z_]+): (.*)$/s.exec(text) ?? [];
  const word = known(`waiting.${name}`);
  return word ? { word, detail: rest } : { word: text, detail: '' };
}

/** A day, as short as the language has it. */
export function date(at: number): string {
  return new Date(at).toLocaleDateString(words.locale, { day: 'numeric', month: 'short', year: 'numeric' });
}

export function number(value: number): string {
  return value.toLocaleString(words.locale);
}
