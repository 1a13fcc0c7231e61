// What can be done with a schedule from anywhere: run it now, switch it, delete it.
import { api, call, faultOf, UNREACHABLE, type Schema } from '../../api/client';
import { t, tn } from '../../i18n/i18n.svelte';
import { onceName } from '../../lib/once';
import { confirm, say } from '../../ui/asking.svelte';

type Named = Pick<Schema['ScheduleItem'], 'id' | 'name'>;

const path = (id: number) => ({ params: { path: { id } } });

/** Of runs whose answer was lost, by schedule: asked for again under the same name they do not run twice. */
const unanswered = new Map<number, string>();

export async function runNow(schedule: Named): Promise<void> {
  if (!(await confirm({ title: t('schedule.run_now'), text: t('schedule.run_now.ask', { name: schedule.name }), yes: t('schedule.run_now') }))) return;
  const name = unanswered.get(schedule.id) ?? onceName();
  unanswered.set(schedule.id, name);
  try {
    const made = await call(api.POST('/api/v1/schedules/{id}/run', { params: { path: { id: schedule.id }, header: { 'Idempotency-Key': name } } }));
    unanswered.delete(schedule.id);
    say(tn('run.created', made.created_count), made.created_count ? 'good' : 'warn');
  } catch (error) {
    const fault = faultOf(error);
    if (fault.code !== UNREACHABLE) unanswered.delete(schedule.id);
    say(fault.message, 'bad');
  }
}

export async function turn(schedule: Named, on: boolean): Promise<Schema['ScheduleItem'] | undefined> {
  try {
    const request = on ? api.POST('/api/v1/schedules/{id}/enable', path(schedule.id)) : api.POST('/api/v1/schedules/{id}/disable', path(schedule.id));
    const done = await call(request);
    say(t(on ? 'schedule.is_on' : 'schedule.is_off', { name: schedule.name }));
    return done;
  } catch (error) {
    say(faultOf(error).message, 'bad');
    return undefined;
  }
}

/** Whether it is gone. */
export async function remove(schedule: Named): Promise<boolean> {
  const question = { title: t('action.delete'), text: t('schedule.delete.ask', { name: schedule.name }), yes: t('action.delete'), danger: true };
  if (!(await confirm(question))) return false;
  try {
    await call(api.DELETE('/api/v1/schedules/{id}', path(schedule.id)));
    say(t('schedule.deleted', { name: schedule.name }));
    return true;
  } catch (error) {
    say(faultOf(error).message, 'bad');
    return false;
  }
}
