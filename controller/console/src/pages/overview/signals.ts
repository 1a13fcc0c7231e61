// What wants a look, out of what the controller tells: the worst first.
import type { Schema } from '../../api/client';

export interface Signal {
  tone: 'bad' | 'warn';
  what: 'attention' | 'hosts_away' | 'phones' | 'backup_trouble' | 'backup_old' | 'overdue' | 'failing_schedules' | 'failing_flows' | 'refused_host';
  n: number;
  detail: string;
  href: string;
}

export interface Facts {
  overview: Schema['Overview'];
  attention: number;
  overdue: number;
  failingSchedules: Schema['FailingSchedule'][];
  /** Of the last day. */
  flows: Schema['FlowStat'][];
}

const TWO_DAYS_MS = 48 * 3_600_000;

export function signals({ overview, attention, overdue, failingSchedules, flows }: Facts): Signal[] {
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
  add('warn', 'failing_schedules', failingSchedules.length, '/schedules', failingSchedules.map((one) => one.name).join(', '));
  const failing = failingFlows(flows);
  add('warn', 'failing_flows', failing.length, '/flows', failing.map((flow) => `${flow.name} (${flow.platform}) ${flow.failed}/${flow.runs}`).join(', '));
  const last = backups.last ? Date.parse(overview.now) - Date.parse(backups.last.at) : 0;
  add('warn', 'backup_old', last > TWO_DAYS_MS ? 1 : 0, '/settings');
  return found;
}

/** Runs within a day from which on it is said that a flow fails. */
const ENOUGH_RUNS = 3;

/** Flows of which half or more failed within a day. */
export function failingFlows(flows: Schema['FlowStat'][]): Schema['FlowStat'][] {
  return flows.filter((flow) => flow.runs >= ENOUGH_RUNS && flow.failed * 2 >= flow.runs);
}

/** How the flows fared; those that fail most stand first. */
export function fares(flows: Schema['FlowStat'][]): Schema['FlowStat'][] {
  const share = (flow: Schema['FlowStat']) => flow.failed / (flow.failed + flow.completed || 1);
  return flows.filter((flow) => flow.failed + flow.completed > 0).sort((a, b) => share(b) - share(a) || b.failed - a.failed || b.completed - a.completed);
}
