import { describe, expect, it } from 'vitest';
import { blank, config, problems, seconds, type Parameter } from './form';

function parameter(name: string, type: Parameter['type'], more: Partial<Parameter> = {}): Parameter {
  return { name, type, default: null, required: false, one_of: null, help: '', example: null, experimental: false, refuse: null, ...more };
}

const post = [
  parameter('content_type', 'choice', { default: '0', choices: ['0', '1'] }),
  parameter('image_count', 'integer', { default: 1, min: 1, max: 10 }),
  parameter('captions', 'lines', { default: [] }),
  parameter('material_list', 'list', { default: [], max_entries: 2 }),
  parameter('add_product_link', 'boolean', { default: false }),
  parameter('wait', 'duration', { default: 30, max: 3600 }),
  parameter('like_probable', 'percent', { default: 0 }),
  parameter('generate_by_chatgpt', 'boolean', { default: false, refuse: 'not offered' }),
];

describe('the form of a script', () => {
  it('begins with the defaults, and sends nothing of them', () => {
    const typed = blank(post);
    expect(typed).toEqual({ content_type: '0', image_count: '1', captions: '', material_list: '', add_product_link: '', wait: '30', like_probable: '0' });
    expect(config(post, typed)).toEqual({});
    expect(problems(post, typed)).toEqual({});
  });

  it('sends each value in its own type', () => {
    const typed = { ...blank(post), content_type: '1', image_count: '3', captions: 'a, b\n\n c ', material_list: 'x.mp4, y.mp4\nz.mp4', add_product_link: 'true', wait: '1m30s' };
    expect(config(post, typed)).toEqual({ content_type: '1', image_count: 3, captions: ['a, b', 'c'], material_list: ['x.mp4', 'y.mp4', 'z.mp4'], add_product_link: true, wait: 90 });
  });

  it('says what is wrong with each', () => {
    const typed = { ...blank(post), image_count: '11', like_probable: '101', wait: 'soon', material_list: 'a,b,c' };
    expect(problems(post, typed)).toEqual({
      image_count: { kind: 'most', most: 10 },
      like_probable: { kind: 'most', most: 100 },
      wait: { kind: 'duration' },
      material_list: { kind: 'entries', most: 2 },
    });
    expect(problems(post, { ...blank(post), image_count: '1.5' })).toEqual({ image_count: { kind: 'whole' } });
    expect(problems(post, { ...blank(post), image_count: 'many' })).toEqual({ image_count: { kind: 'number' } });
    expect(problems(post, { ...blank(post), image_count: '0' })).toEqual({ image_count: { kind: 'least', least: 1 } });
  });

  it('wants one of several, and what is required', () => {
    const follow = [
      parameter('target_users', 'list', { one_of: 'targets' }),
      parameter('target_user', 'text', { one_of: 'targets' }),
      parameter('comment_content', 'lines', { required: true }),
    ];
    expect(problems(follow, blank(follow))).toEqual({
      target_users: { kind: 'one_of', names: ['target_users', 'target_user'] },
      comment_content: { kind: 'required' },
    });
    expect(problems(follow, { target_user: 'a', comment_content: 'b' })).toEqual({});
  });

  it('counts characters as people do', () => {
    const line = [parameter('name', 'line', { max_length: 2 })];
    expect(problems(line, { name: '👍🏽'.slice(0, 2) })).toEqual({});
    expect(problems(line, { name: 'abc' })).toEqual({ name: { kind: 'length', most: 2 } });
  });
});

describe('a span of time', () => {
  it('is read as packs read it', () => {
    for (const [text, is] of [['90', 90], ['90s', 90], ['10m', 600], ['1h30m', 5400], ['', undefined], ['1 week', undefined], ['m', undefined]] as const) {
      expect(seconds(text), text).toBe(is);
    }
  });
});
