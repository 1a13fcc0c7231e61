// What a setting is, in the reader's language; of one that only a newer controller has, in the controller's own words.
import { known, t } from '../../i18n/i18n.svelte';
import type { Setting } from './values';

export function explained(setting: Pick<Setting, 'name' | 'help'>): string {
  // `caps.tiktok.follow` and `gap.follow` stand under their platform and their act.
  const name = /^(caps|gap)\./.exec(setting.name)?.[1] ?? setting.name;
  const text = known(`setting.${name}`);
  if (!text) return setting.help;
  const [, least, most] = /: a whole number from (\d+) to (\d+)$/.exec(setting.help) ?? [];
  return least && most ? `${text}: ${t('setting.range', { least, most })}` : text;
}
