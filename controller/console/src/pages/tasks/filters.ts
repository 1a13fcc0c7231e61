// The filters of the task list, and what the API is asked for them.

export const USUAL = { status: '', script: '', platform: '', serial: '', username: '', source: '', schedule: 0, sort: '', page: 1 };
export type TaskFilters = typeof USUAL;
export const PAGE_SIZE = 50;

export function query(filters: TaskFilters) {
  const list = (text: string) => (text ? text.split(',').map((part) => part.trim()).filter(Boolean) : undefined);
  return {
    status: list(filters.status)?.map(Number),
    script_name: list(filters.script),
    platform: filters.platform || undefined,
    serial: list(filters.serial),
    username: list(filters.username),
    source: filters.source || undefined,
    schedule_id: filters.schedule || undefined,
    sort: filters.sort || undefined,
    page: filters.page,
    page_size: PAGE_SIZE,
  };
}
