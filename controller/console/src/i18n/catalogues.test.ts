import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { en } from './en';
import { fr } from './fr';
import { advice, waiting, word } from './i18n.svelte';
import { explained } from '../pages/settings/explained';
import { sv } from './sv';
import { zh } from './zh';

const OTHERS = { fr, sv, zh };
const holes = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();

/** Everything that the console says itself. */
function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(svelte|ts)$/.test(name) && !name.endsWith('.test.ts') && !name.endsWith('schema.d.ts'))
    .map((name) => readFileSync(join(folder, name), 'utf8'));
}

describe('the catalogues', () => {
  for (const [language, catalogue] of Object.entries(OTHERS)) {
    it(`${language} says all that English says, with the same holes`, () => {
      expect(Object.keys(catalogue).sort()).toEqual(Object.keys(en).sort());
      for (const [key, text] of Object.entries(en)) {
        const other = catalogue[key as keyof typeof en];
        expect(other.trim(), key).not.toBe('');
        expect(holes(other), key).toEqual(holes(text));
      }
    });
  }

  it('name every way in which a flow can fail, and say what to do about it', () => {
    const known = readFileSync(new URL('../../../../shared/src/pack/failure.rs', import.meta.url), 'utf8');
    const kinds = [...known.matchAll(/\("([a-z_:]+)", FailureKind::/g)].map(([, kind]) => kind!);
    expect(kinds.length).toBeGreaterThan(30);
    // The controller sees to these by itself.
    const byItself = new Set(['held', 'deferred', 'recovering']);
    for (const kind of kinds) {
      expect(word('kind', kind), kind).not.toBe(kind.replace('need_person:', '').replaceAll('_', ' '));
      expect(advice(kind) !== '', kind).toBe(!byItself.has(kind));
    }
  });

  it('say of every setting what the documentation says', () => {
    const page = readFileSync(new URL('../../../../docs/settings.md', import.meta.url), 'utf8');
    const [, table = ''] = page.split('## While the farm runs');
    const rows = [...(table.split('## At the start')[0] ?? '').matchAll(/^\| `([a-z_.0-9]+)` \| ([^|]+) \|/gm)];
    expect(rows.length).toBeGreaterThan(30);
    for (const [, name = '', help = ''] of rows) {
      if (/^(caps|gap)\./.test(name)) continue;
      expect(en[`setting.${name}` as keyof typeof en], name).toBe(help.trim());
    }
    vi.stubGlobal('navigator', { languages: ['en'] });
    expect(explained({ name: 'tasks.retries', help: 'x: a whole number from 1 to 10' })).toBe(`${en['setting.tasks.retries']}: a whole number from 1 to 10`);
    expect(explained({ name: 'of.tomorrow', help: 'who knows' })).toBe('who knows');
  });

  it('tell what a task waits for, and keep what they do not know as it is', () => {
    expect(waiting('phone_hot: its phone cools down to 35 °C')).toEqual({ word: en['waiting.phone_hot'], detail: 'its phone cools down to 35 °C' });
    expect(waiting('its flow is switched off')).toEqual({ word: 'its flow is switched off', detail: '' });
    expect(waiting('of_tomorrow: who knows')).toEqual({ word: 'of_tomorrow: who knows', detail: '' });
  });

  it('use the words that operators know', () => {
    expect([fr['nav.accounts'], fr['accounts.new'], fr['action.save'], fr['accounts.match']]).toEqual(['Comptes', 'Nouveau', 'Enregistrer', 'Matcher les comptes']);
    expect([sv['nav.accounts'], sv['accounts.new'], sv['action.save'], sv['accounts.match']]).toEqual(['Konton', 'Lägg till', 'Spara', 'Matcha konton']);
  });

  it('hold no word that nobody says', () => {
    const all = sources(new URL('..', import.meta.url).pathname).filter((text) => !text.includes('export const en = {') && !text.includes(': Catalogue = {')).join('\n');
    // Words of the controller, and keys that are put together.
    const together = /^(accounts|act|action|advice|device|first|grant|kind|live|material|nav|platform|problem|remote|role|run_state|import_state|script|setting|settings|signal|skipped|state|status|step|story|theme|waiting)\.|^import\.(count|delimiter|ids|on_duplicate|on_error|platform)\.|^schedule\.by\.|^users\.role\.|^flows\.(origin|tab)\.|^mend\.(as|syntax)\./;
    const unsaid = Object.keys(en).filter((key) => {
      const stem = key.replace(/\.(one|other)$/, '');
      return !together.test(key) && !all.includes(`'${stem}'`);
    });
    expect(unsaid).toEqual([]);
  });
});
