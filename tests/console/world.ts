// What the farm is brought to before a page is looked at: tasks of every kind, and moods of the simulated apps.
import { expect, type APIRequestContext } from '@playwright/test';

/** Tells the simulated phones something that no phone would be told. */
export async function control(request: APIRequestContext, path: string, data: object) {
  const answer = await request.post(`http://${process.env.DROVER_TEST_CONTROL}/${path}`, { data });
  expect(answer.ok(), await answer.text()).toBe(true);
}

export async function create(request: APIRequestContext, wish: object): Promise<number> {
  const answer = await (await request.post('/api/v1/task', { data: wish })).json();
  expect(answer.code, answer.message).toBe(0);
  return answer.data.task_ids[0];
}

/** Waits until a task is as it should be. */
export async function until(request: APIRequestContext, id: number, state: string) {
  const now = async () => (await (await request.get(`/api/v1/task/${id}`)).json()).data.state;
  await expect.poll(now, { message: `the state of task ${id}`, timeout: 180_000 }).toBe(state);
}

/** A task that waits for a person: its app shows a puzzle. */
export async function puzzled(request: APIRequestContext, serial: string, username: string): Promise<number> {
  await control(request, `phones/${serial}/apps/com.instagram.android`, { moods: { challenge: 'slider' } });
  const id = await create(request, { usernames: [username], platform: 'instagram', script_name: 'sync_data' });
  await until(request, id, 'person');
  return id;
}
