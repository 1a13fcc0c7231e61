// What wants a look, out of what the controller tells: the worst first.
import type { Schema } from '../../api/client';

export interface Signal {
  tone: 'bad' | 'warn';
  what: 'attention' | 'hosts_away' | 'phones' | 'backup_trouble' | 'backup_old' | 'overdue' | 'failing_schedules' | 'refused_host';
  n: number;
  detail: string;
  href: string;
}

export interface Facts {
  overview: Schema['Overview'];
  attention: number;
  overdue: number;
  failingSchedules: Schema['FailingSchedule'][];
}

const TWO_DAYS_MS = 48 * 3_600_000;

export function signals({ overview, attention, overdue, failingSchedules }: Facts): Signal[] {
  const found: Signal[] = [];
  const add = (tone: Signal['tone'], what: Signal['what'], n: number, href: string, detail = '') => {
    if (n > 0) found.push({ tone, what, n, detail, href });
  };
  const { devices, hosts, backups } = overview;
  add('bad', 'hosts_away', hosts.away, '/hosts', hosts.away_names.join(', '));
  add('bad', 'backup_trouble', backups.trouble ? 1 : 0, '/settings', backups.trouble ?? '');
  add('warn', 'attention', attention, '/attention');
  const away = devices.offline + devices.unauthorized + devices.no_permissions;
  add('warn', 'phones', away, '/phones?state=offline,unauthorized,no_permissions');
  add('warn', 'overdue', overdue, '/tasks?status=0');
  add('warn', 'failing_schedules', failingSchedules.length, '/tasks', failingSchedules.map((one) => one.name).join(', '));
  const last = backups.last ? Date.parse(overview.now) - Date.parse(backups.last.at) : 0;
  add('warn', 'backup_old', last > TWO_DAYS_MS ? 1 : 0, '/settings');
  return found;
}

export interface Fare {
  script: string;
  platform: string;
  completed: number;
  failed: number;
}

/** How each script fared among these tasks; those that fail most stand first. */
export function fares(tasks: Schema['TaskItem'][]): Fare[] {
  const all = new Map<string, Fare>();
  for (const task of tasks) {
    const key = `${task.platform} ${task.script_name}`;
    const fare = all.get(key) ?? { script: task.script_name, platform: task.platform, completed: 0, failed: 0 };
    if (task.status === 2) fare.completed++;
    if (task.status === 3) fare.failed++;
    all.set(key, fare);
  }
  const share = (fare: Fare) => fare.failed / (fare.failed + fare.completed || 1);
  return [...all.values()].sort((a, b) => share(b) - share(a) || b.failed - a.failed || b.completed - a.completed);
}
