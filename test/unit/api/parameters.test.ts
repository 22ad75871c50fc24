import { expect } from 'chai';
import type { z } from 'zod';
import { flag, instant } from '../../../src/api/parameters.js';

function read<T>(type: z.ZodType<T>, value: unknown): T | 'refused' {
  const parsed = type.safeParse(value);
  return parsed.success ? parsed.data : 'refused';
}

function timeOf(value: string): string {
  const time = read(instant, value);
  return time === 'refused' ? time : time.toISOString();
}

describe('a time in a parameter', () => {
  for (const [text, expected] of [
    ['2027-01-31', '2027-01-31T00:00:00.000Z'],
    ['2027-01-31T10:20:30Z', '2027-01-31T10:20:30.000Z'],
    ['2027-01-31T10:20:30.123456Z', '2027-01-31T10:20:30.123Z'],
    ['2027-01-31t10:20:30z', '2027-01-31T10:20:30.000Z'],
    ['2027-01-31T10:20Z', '2027-01-31T10:20:00.000Z'],
    ['2027-01-31T10:20', '2027-01-31T10:20:00.000Z'],
    ['2027-01-31T10:20:30', '2027-01-31T10:20:30.000Z'],
    ['2027-01-31T10:20:30+0000', '2027-01-31T10:20:30.000Z'],
    ['2027-01-31T10:20:30+02:00', '2027-01-31T08:20:30.000Z'],
    ['2027-01-31T10:20:30-02', '2027-01-31T12:20:30.000Z'],
    ['2027-01-31 10:20:30', '2027-01-31T10:20:30.000Z'],
    ['2027-01-31 10:20:30 UTC', '2027-01-31T10:20:30.000Z'],
    ['2027-01-31 10:20:30 +0100', '2027-01-31T09:20:30.000Z'],
  ] as const) {
    it(`is read of ${text}`, () => {
      expect(timeOf(text)).to.equal(expected);
    });
  }

  for (const text of [
    '',
    'soon',
    '2027-02-30',
    '2027-02-30T10:00:00Z',
    '2027-01-31T25:00:00Z',
    '2027-01-31T10:61:00Z',
    '2027-01-31T10Z',
    '2027-01-31T10:20:30+9900',
    '2027-01-31T10:20:30 CET',
    '10000-01-01T00:00:00Z',
    '2027-01-31T10:20:30Z; DROP',
  ]) {
    it(`is none in ${text || 'nothing'}`, () => {
      expect(timeOf(text)).to.equal('refused');
    });
  }
});

describe('a boolean in a parameter', () => {
  const YES = [true, 1, '1', 'true', 'True', 'TRUE', 't', 'T', 'on', 'On', 'yes', 'Yes', 'y', 'Y'];
  const NO = [false, 0, '0', 'false', 'False', 'FALSE', 'f', 'F', 'off', 'Off', 'no', 'No', 'n'];

  it('is read as dry-types reads one', () => {
    expect(YES.map((value) => read(flag, value))).to.deep.equal(YES.map(() => true));
    expect(NO.map((value) => read(flag, value))).to.deep.equal(NO.map(() => false));
  });

  it('is none in anything else', () => {
    for (const value of [2, -1, 0.5, 'tRUE', 'maybe', '', null, [], {}, [true]]) {
      expect(read(flag, value)).to.equal('refused');
    }
  });
});
