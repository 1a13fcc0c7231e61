// Every page: where it stands, what it is called, and how it is fetched when it is opened first.
import type { Component } from 'svelte';
import type { Key } from '../i18n/i18n.svelte';
import type { IconName } from '../ui/icons';

export type Params = Record<string, string>;
type Page = Component<{ params: Params }>;

export interface Route {
  path: string;
  title: Key;
  load: () => Promise<{ default: Page }>;
  /** Who less than this may not open it. */
  needs?: 'operator' | 'admin';
  /** In the navigation: its icon and its group. */
  nav?: { icon: IconName; group: 'work' | 'farm' | 'system' };
}

const page = (load: () => Promise<{ default: unknown }>) => load as () => Promise<{ default: Page }>;

export const ROUTES: Route[] = [
  { path: '/', title: 'nav.overview', load: page(() => import('../pages/overview/Overview.svelte')), nav: { icon: 'overview', group: 'work' } },
  { path: '/farm', title: 'nav.farm', load: page(() => import('../pages/farm/Farm.svelte')), nav: { icon: 'farm', group: 'work' } },
  { path: '/farm/:serial', title: 'nav.farm', load: page(() => import('../pages/live/Live.svelte')) },
  { path: '/tasks', title: 'nav.tasks', load: page(() => import('../pages/tasks/Tasks.svelte')), nav: { icon: 'tasks', group: 'work' } },
  { path: '/tasks/new', title: 'run.title', needs: 'operator', load: page(() => import('../pages/run/Run.svelte')) },
  { path: '/tasks/:id', title: 'nav.tasks', load: page(() => import('../pages/task/Task.svelte')) },
  { path: '/attention', title: 'nav.attention', load: page(() => import('../pages/attention/Attention.svelte')), nav: { icon: 'attention', group: 'work' } },
  { path: '/accounts', title: 'nav.accounts', load: page(() => import('../pages/accounts/Accounts.svelte')), nav: { icon: 'accounts', group: 'work' } },
  { path: '/accounts/import', title: 'import.title', needs: 'operator', load: page(() => import('../pages/import/Import.svelte')) },
  { path: '/media', title: 'nav.media', load: page(() => import('../pages/media/Media.svelte')), nav: { icon: 'media', group: 'work' } },
  { path: '/schedules', title: 'nav.schedules', load: page(() => import('../pages/schedules/Schedules.svelte')), nav: { icon: 'clock', group: 'work' } },
  { path: '/schedules/calendar', title: 'schedule.calendar', load: page(() => import('../pages/schedules/Calendar.svelte')) },
  { path: '/schedules/new', title: 'schedule.new', needs: 'operator', load: page(() => import('../pages/schedules/Editor.svelte')) },
  { path: '/schedules/:id', title: 'nav.schedules', needs: 'operator', load: page(() => import('../pages/schedules/Editor.svelte')) },
  { path: '/flows', title: 'nav.flows', load: page(() => import('../pages/flows/Flows.svelte')), nav: { icon: 'flows', group: 'work' } },
  { path: '/flows/:name', title: 'nav.flows', load: page(() => import('../pages/flows/Pack.svelte')) },
  { path: '/phones', title: 'nav.phones', load: page(() => import('../pages/phones/Phones.svelte')), nav: { icon: 'phones', group: 'farm' } },
  { path: '/phones/new', title: 'setup.title', load: page(() => import('../pages/setup/Setup.svelte')) },
  { path: '/groups', title: 'groups', load: page(() => import('../pages/groups/Groups.svelte')), nav: { icon: 'groups', group: 'farm' } },
  { path: '/hosts', title: 'nav.hosts', load: page(() => import('../pages/hosts/Hosts.svelte')), nav: { icon: 'hosts', group: 'farm' } },
  { path: '/settings', title: 'nav.settings', needs: 'admin', load: page(() => import('../pages/settings/Settings.svelte')), nav: { icon: 'settings', group: 'system' } },
  { path: '/settings/users', title: 'nav.users', load: page(() => import('../pages/users/Users.svelte')), nav: { icon: 'users', group: 'system' } },
  { path: '/audit', title: 'nav.audit', needs: 'admin', load: page(() => import('../pages/audit/Audit.svelte')), nav: { icon: 'audit', group: 'system' } },
];

/** The page of a path, and what stands in the place of its `:names`. */
export function routeOf(path: string): { route: Route; params: Params } | undefined {
  const given = path.replace(/\/+$/, '').split('/');
  for (const route of ROUTES) {
    const wanted = route.path.replace(/\/+$/, '').split('/');
    if (wanted.length !== given.length) continue;
    const params: Params = {};
    const fits = wanted.every((part, at) => {
      const text = given[at] ?? '';
      if (!part.startsWith(':')) return part === text;
      params[part.slice(1)] = decoded(text);
      return text !== '';
    });
    if (fits) return { route, params };
  }
  return undefined;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
