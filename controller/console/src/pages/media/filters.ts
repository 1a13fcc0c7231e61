// The filters of the library, and what the API is asked for them.

export const USUAL = { search: '', tag: '', kind: '', used: '', username: '', sort: '', page: 1 };
export type MediaFilters = typeof USUAL;

export function query(filters: MediaFilters, size: number) {
  return {
    search: filters.search || undefined,
    tags: filters.tag ? [filters.tag] : undefined,
    kind: filters.kind || undefined,
    used: filters.used === '' ? undefined : filters.used === '1',
    username: filters.username ? [filters.username] : undefined,
    sort: filters.sort || undefined,
    page: filters.page,
    page_size: size,
  };
}
