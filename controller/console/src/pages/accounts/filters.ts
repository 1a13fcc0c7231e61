// The filters of the accounts table, and what the API is asked for them.
import { PAGE } from '../../api/paged.svelte';

export const USUAL = { q: '', platform: '', logined: '', status: '', tag: '', device: '', sort: '' };
export type AccountFilters = typeof USUAL;

export function query(filters: AccountFilters, page: number) {
  const flag = (text: string) => (text === '0' || text === '1' ? Number(text) : undefined);
  return {
    q: filters.q || undefined,
    platform: filters.platform || undefined,
    logined: flag(filters.logined),
    status: flag(filters.status),
    tag: filters.tag ? [filters.tag] : undefined,
    device: filters.device ? [filters.device] : undefined,
    sort: filters.sort || undefined,
    page,
    page_size: PAGE,
  };
}
