// What is done to tasks: stopped, retried, deleted; one or many, each with a question where something is lost.
import { api, call, faultOf } from '../../api/client';
import { t, tn } from '../../i18n/i18n.svelte';
import { confirm, say } from '../../ui/asking.svelte';

/** Does it to each, a few at once; tells how many it was done to, and why not to the others. */
async function each(ids: number[], act: (id: number) => Promise<unknown>, told: (n: number) => string) {
  const refused: string[] = [];
  const left = [...ids];
  const work = async () => {
    for (let id = left.shift(); id !== undefined; id = left.shift()) {
      try {
        await act(id);
      } catch (error) {
        refused.push(`#${id}: ${faultOf(error).message}`);
      }
    }
  };
  await Promise.all(Array.from({ length: 4 }, work));
  const done = ids.length - refused.length;
  if (done > 0) say(told(done));
  if (refused.length > 0) say(`${tn('tasks.refused', refused.length)} ${refused.slice(0, 3).join(' · ')}`, 'bad');
}

const path = (id: number) => ({ params: { path: { id } } });

export async function stop(ids: number[]) {
  await each(ids, (id) => call(api.POST('/api/v1/task/{id}/stop', path(id))), (n) => tn('tasks.stopped', n));
}

export async function retry(ids: number[]) {
  await each(ids, (id) => call(api.POST('/api/v1/task/{id}/retry', path(id))), (n) => tn('tasks.retried', n));
}

/** Whether they are gone. */
export async function remove(ids: number[]): Promise<boolean> {
  const question = { title: t('action.delete'), text: tn('tasks.delete.ask', ids.length), yes: t('action.delete'), danger: true };
  if (!(await confirm(question))) return false;
  try {
    const answer = await call(api.DELETE('/api/v1/task/batch', { body: { task_ids: ids } }));
    say(tn('tasks.deleted', answer.deleted_count));
    return true;
  } catch (error) {
    say(faultOf(error).message, 'bad');
    return false;
  }
}

export async function retryAll(failed: number) {
  const question = { title: t('tasks.retry_all'), text: tn('tasks.retry_all.ask', failed), yes: t('tasks.retry_all') };
  if (!(await confirm(question))) return;
  try {
    const answer = await call(api.POST('/api/v1/task/retry-all'));
    say(tn('tasks.retried', answer.retried_count));
  } catch (error) {
    say(faultOf(error).message, 'bad');
  }
}
