// The columns of the accounts table: what each is called, how it is sorted, whether it is there unasked.
import type { Key } from '../../i18n/i18n.svelte';

export interface Column {
  id: string;
  title: Key;
  /** The name by which the API sorts it. */
  sort?: string;
  number?: boolean;
  usual?: boolean;
}

export const COLUMNS: Column[] = [
  { id: 'username', title: 'account', sort: 'username', usual: true },
  { id: 'enabled', title: 'account.enabled', sort: 'status', usual: true },
  { id: 'logined', title: 'account.logged_in', sort: 'logined', usual: true },
  { id: 'device', title: 'phone', sort: 'device_index', usual: true },
  { id: 'tags', title: 'tags', usual: true },
  { id: 'secrets', title: 'account.secrets', usual: true },
  { id: 'resting', title: 'account.resting', sort: 'resting_until', usual: true },
  { id: 'email', title: 'account.email', sort: 'email' },
  { id: 'nickname', title: 'account.nickname', sort: 'nickname' },
  { id: 'country', title: 'account.country', sort: 'country' },
  { id: 'followers', title: 'account.followers', sort: 'followers', number: true, usual: true },
  { id: 'following', title: 'account.following', sort: 'following', number: true },
  { id: 'hearts', title: 'account.hearts', sort: 'hearts', number: true },
  { id: 'videos', title: 'account.videos', sort: 'videos', number: true },
  { id: 'friends', title: 'account.friends', sort: 'friends', number: true },
  { id: 'synced', title: 'account.synced', sort: 'synced_at', usual: true },
  { id: 'created', title: 'tasks.created', sort: 'created_at' },
  { id: 'id', title: 'tasks.id', sort: 'id' },
];

export const USUAL_COLUMNS = COLUMNS.filter((column) => column.usual).map((column) => column.id);

/** In the table's own order; the username is always there. */
export function chosenColumns(ids: readonly string[]): Column[] {
  return COLUMNS.filter((column) => column.id === 'username' || ids.includes(column.id));
}
