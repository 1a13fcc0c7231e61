import { expect, test } from 'vitest';
import { at, alternativeFor, type Thing } from '../../lib/hierarchy';
import { ordered, read, shown, toml } from './alternatives';

test('fields are read in their kind and written as the pack has them', () => {
  expect(read('text', 'Post')).toBe('Post');
  expect(read('text', 'Post\nPublish\n')).toEqual(['Post', 'Publish']);
  expect(read('clickable', 'false')).toBe(false);
  expect(read('nth', '-1')).toBe(-1);
  expect(shown(['a', 'b'])).toBe('a\nb');
  expect(shown(true)).toBe('true');
  expect(Object.keys(ordered({ class: 'Button', app: '43', text: 'Post' }))).toEqual(['text', 'class', 'app']);
  const all = [{ text: ['Post', 'Say "it"'], nth: -1 }, { text_matches: '^\\d+$', clickable: true }];
  expect(toml(all)).toBe('[\n  { text = ["Post", "Say \\"it\\""], nth = -1 },\n  { text_matches = \'^\\d+$\', clickable = true },\n]');
});

test('what one points at is the smallest thing with a name', () => {
  const thing = (box: number[], more: Partial<Thing>): Thing => ({
    ...{ left: box[0] ?? 0, top: box[1] ?? 0, right: box[2] ?? 0, bottom: box[3] ?? 0 },
    ...{ id: '', text: '', desc: '', class: 'android.view.View', package: 'app', clickable: false },
    ...more,
  });
  const all = [
    thing([0, 0, 100, 200], {}),
    thing([10, 10, 90, 50], { text: 'Publish', class: 'android.widget.Button' }),
    thing([20, 20, 30, 30], {}),
  ];
  expect(at(all, 25, 25)?.text).toBe('Publish');
  expect(at(all, 5, 150)).toBe(all[0]);
  expect(at(all, 500, 5)).toBeUndefined();
  expect(alternativeFor(all[1] as Thing)).toEqual({ text: 'Publish', class: 'Button' });
  expect(alternativeFor(thing([], { id: 'com.app:id/send' }))).toEqual({ id: 'send' });
});
