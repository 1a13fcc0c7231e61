import { expect, test } from 'vitest';
import { pressed } from './keys';

const press = (key: string, held: Partial<KeyboardEvent> = {}) => pressed({ key, ctrlKey: false, metaKey: false, altKey: false, isComposing: false, ...held });

test('what is typed goes as text, what has a number as a key', () => {
  expect(press('é')).toEqual({ text: 'é' });
  expect(press('😀')).toEqual({ text: '😀' });
  expect(press('@', { ctrlKey: true, altKey: true })).toEqual({ text: '@' });
  expect(press('Enter')).toEqual({ code: 66 });
  expect(press('Escape')).toEqual({ code: 4 });
});

test('what is the browser’s stays here', () => {
  expect(press('Tab')).toBeUndefined();
  expect(press('v', { ctrlKey: true })).toBeUndefined();
  expect(press('l', { metaKey: true })).toBeUndefined();
  expect(press('a', { isComposing: true })).toBeUndefined();
  expect(press('Shift')).toBeUndefined();
});
