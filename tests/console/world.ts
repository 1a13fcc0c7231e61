// What the farm is brought to before a page is looked at, and how it is there: tasks, accounts, what a phone's screen says.
import { expect, type APIRequestContext, type Locator } from '@playwright/test';

/** Tells the simulated phones something that no phone would be told. */
export async function control(request: APIRequestContext, path: string, data: object) {
  const answer = await request.post(`http://${process.env.DROVER_TEST_CONTROL}/${path}`, { data });
  expect(answer.ok(), await answer.text()).toBe(true);
}

/** What the API answers; its refusal fails the test. */
export async function ask<T = Record<string, never>>(request: APIRequestContext, method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, data?: object): Promise<T> {
  const answer = await (await request.fetch(`/api/v1/${path}`, { method, data })).json();
  expect(answer.code, `${method} ${path}: ${answer.message}`).toBe(0);
  return answer.data;
}

/** Waits until a task is as it should be. */
export async function until(request: APIRequestContext, id: number, state: string) {
  const now = async () => (await ask<{ state: string }>(request, 'GET', `task/${id}`)).state;
  await expect.poll(now, { message: `the state of task ${id}`, timeout: 180_000 }).toBe(state);
}

/** A phone's screen as XML; nothing while it cannot be read. */
export async function hierarchy(request: APIRequestContext, serial: string): Promise<string> {
  const answer = await request.get(`/api/v1/devices/${serial}/hierarchy`);
  return answer.ok() ? answer.text() : '';
}

/** The middle of the first node that has a piece of XML in it, as a share of the phone's screen; waits for it. */
async function middle(request: APIRequestContext, serial: string, piece: string): Promise<{ x: number; y: number }> {
  const { resolution } = await ask<{ resolution: { width: number; height: number } }>(request, 'GET', `devices/${serial}`);
  let at: { x: number; y: number } | undefined;
  const look = async () => {
    const node = [...(await hierarchy(request, serial)).matchAll(/<node [^>]*>/g)].map(([node]) => node).find((node) => node.includes(piece));
    const bounds = node?.match(/bounds="\[(-?\d+),(-?\d+)\]\[(-?\d+),(-?\d+)\]"/)?.slice(1).map(Number);
    const [left = 0, top = 0, right = 0, bottom = 0] = bounds ?? [];
    at = bounds && { x: (left + right) / 2 / resolution.width, y: (top + bottom) / 2 / resolution.height };
    return at !== undefined;
  };
  await expect.poll(look, { message: `${piece} on ${serial}`, timeout: 60_000 }).toBe(true);
  return at ?? { x: 0, y: 0 };
}

/** Touches, on the picture of a phone in the console, what its screen shows. */
export async function touch(request: APIRequestContext, glass: Locator, serial: string, piece: string) {
  const { x, y } = await middle(request, serial, piece);
  const box = await glass.boundingBox();
  if (!box) throw new Error('the screen is not in sight');
  await glass.click({ position: { x: x * box.width, y: y * box.height } });
}
