// Settings as they are typed: in groups by the first part of their name, each in the type that its default has.
import type { Schema } from '../../api/client';

export type Setting = Schema['Setting'];
export type Kind = 'switch' | 'choice' | 'number' | 'list' | 'text';

export function kind(setting: Setting): Kind {
  if (typeof setting.default === 'boolean') return 'switch';
  if (setting.choices) return 'choice';
  if (typeof setting.default === 'number') return 'number';
  return Array.isArray(setting.default) ? 'list' : 'text';
}

export function shown(value: unknown): string {
  return Array.isArray(value) ? value.join(', ') : value === null || value === undefined ? '' : String(value);
}

/** What is sent for what was typed. */
export function typed(setting: Setting, text: string): unknown {
  switch (kind(setting)) {
    case 'switch':
      return text === 'true';
    case 'number':
      return text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text);
    case 'list':
      return text.split(',').map((one) => one.trim()).filter(Boolean);
    default:
      return text;
  }
}

/** By the first part of the name; `caps.tiktok` and `caps.instagram` apart. */
export function groups(settings: Setting[]): { name: string; settings: Setting[] }[] {
  const all = new Map<string, Setting[]>();
  for (const setting of settings) {
    const parts = setting.name.split('.');
    const name = parts.length === 1 ? 'api' : parts[0] === 'caps' ? parts.slice(0, 2).join('.') : (parts[0] ?? '');
    all.set(name, [...(all.get(name) ?? []), setting]);
  }
  return [...all].map(([name, settings]) => ({ name, settings }));
}
