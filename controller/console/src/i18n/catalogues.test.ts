import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { en } from './en';
import { fr } from './fr';
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

  it('use the words that operators know', () => {
    expect([fr['nav.accounts'], fr['accounts.new'], fr['action.save'], fr['accounts.match']]).toEqual(['Comptes', 'Nouveau', 'Enregistrer', 'Matcher les comptes']);
    expect([sv['nav.accounts'], sv['accounts.new'], sv['action.save'], sv['accounts.match']]).toEqual(['Konton', 'Lägg till', 'Spara', 'Matcha konton']);
  });

  it('hold no word that nobody says', () => {
    const all = sources(new URL('..', import.meta.url).pathname).filter((text) => !text.includes('export const en = {') && !text.includes(': Catalogue = {')).join('\n');
    // Words of the controller, and keys that are put together.
    const together = /^(accounts|act|action|device|first|grant|kind|live|material|nav|platform|problem|remote|role|run_state|import_state|script|settings|signal|skipped|state|status|step|story|theme)\.|^import\.(count|delimiter|ids|on_duplicate|on_error|platform)\.|^schedule\.by\.|^users\.role\.|^flows\.(origin|tab)\.|^mend\.(as|syntax)\./;
    const unsaid = Object.keys(en).filter((key) => {
      const stem = key.replace(/\.(one|other)$/, '');
      return !together.test(key) && !all.includes(`'${stem}'`);
    });
    expect(unsaid).toEqual([]);
  });
});
