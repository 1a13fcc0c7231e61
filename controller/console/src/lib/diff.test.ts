import { expect, test } from 'vitest';
import { diff } from './diff';

const shown = (before: string, after: string, around = 1) =>
  diff(before, after, around).map((line) => (line ? `${line.sign}${line.number} ${line.text}` : '…'));

test('only what differs is shown, with the lines around it', () => {
  const before = 'a\nb\nc\nd\ne\nf\ng\nh';
  expect(shown(before, 'a\nb\nc\nD\ne\nf\ng\nh')).toEqual([' 3 c', '-4 d', '+4 D', ' 5 e']);
  expect(shown(before, 'a\nb2\nc\nd\ne\nf\ng\nh\ni')).toEqual([' 1 a', '-2 b', '+2 b2', ' 3 c', '…', ' 8 h', '+9 i']);
  expect(shown(before, before)).toEqual([]);
});

test('lines in common stay where others come and go', () => {
  expect(shown('x\na\nb\ny', 'x\nb\nc\na\ny', 0)).toEqual(['-2 a', '…', '+3 c', '+4 a']);
  expect(shown('', 'a', 0)).toEqual(['-1 ', '+1 a']);
});
