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

interface Node {
  text: string;
  /** As a share of the screen, from its left and its top. */
  middle: { x: number; y: number };
}

/** The nodes of a phone's screen that have a piece of XML in them, with where they are. */
export async function nodes(request: APIRequestContext, serial: string, piece: string): Promise<Node[]> {
  const answer = await request.get(`/api/v1/devices/${serial}/hierarchy`);
  if (!answer.ok()) return [];
  const all = [...(await answer.text()).matchAll(/<node [^>]*>/g)].map(([node]) => node);
  const bounds = (node: string) => (/bounds="\[(-?\d+),(-?\d+)\]\[(-?\d+),(-?\d+)\]"/.exec(node) ?? []).slice(1).map(Number);
  const [, , width = 1, height = 1] = all.map(bounds).find((one) => one.length === 4) ?? [];
  return all
    .filter((node) => node.includes(piece))
    .map((node) => {
      const [left = 0, top = 0, right = 0, bottom = 0] = bounds(node);
      return { text: /text="([^"]*)"/.exec(node)?.[1] ?? '', middle: { x: (left + right) / 2 / width, y: (top + bottom) / 2 / height } };
    });
}

/** Touches, on the picture of a phone in the console, what its screen shows. */
export async function touch(request: APIRequestContext, glass: Locator, serial: string, piece: string) {
  await expect.poll(async () => (await nodes(request, serial, piece)).length, { message: `${piece} on ${serial}`, timeout: 60_000 }).toBeGreaterThan(0);
  const [node] = await nodes(request, serial, piece);
  const box = await glass.boundingBox();
  if (!node || !box) throw new Error(`there is no ${piece}, or no picture`);
  await glass.click({ position: { x: node.middle.x * box.width, y: node.middle.y * box.height } });
}
