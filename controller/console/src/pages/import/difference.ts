// The difference that a sheet makes, a line for each field of a row that is changed and one for a row that is new.
import type { Schema } from '../../api/client';

type RowChange = Schema['RowChange'];
type FieldChange = Schema['FieldChange'];

export interface Line {
  row: number;
  isNew: boolean;
  platform: string;
  username: string;
  /** The first line of its row. */
  isFirst: boolean;
  /** One, or all of a new account. */
  fields: FieldChange[];
}

export type Shown = 'all' | 'created' | 'updated';

export function lines(changes: readonly RowChange[], shown: Shown): Line[] {
  return changes
    .filter((change) => shown === 'all' || change.action === shown)
    .flatMap((change) => {
      const { row, platform, username, fields } = change;
      const line = { row, platform, username, isNew: change.action === 'created' };
      if (line.isNew || fields.length === 0) return [{ ...line, isFirst: true, fields }];
      return fields.map((field, at) => ({ ...line, isFirst: at === 0, fields: [field] }));
    });
}

/** A value as it stands in a cell; nothing for an empty one. */
export function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  return Array.isArray(value) ? value.join(', ') : String(value);
}

/** A new account in one line. The password is never told, only that there is one. */
export function told(fields: readonly FieldChange[], password: string): string {
  return fields
    .filter((field) => field.field !== 'username' && field.field !== 'platform')
    .map((field) => (field.field === 'pwd' ? password : `${field.field} ${cell(field.new)}`))
    .join(' · ');
}
