import { expect } from 'chai';
import {
  dayIn,
  expiryText,
  formatExpiry,
  formatExpiryDate,
  isExpired,
  parseExpiryDate,
} from '../../../src/access/expiry.js';

const TIME_ZONES = ['UTC', 'Pacific/Auckland', 'America/Los_Angeles'];

describe('expiry', () => {
  const zoneBefore = process.env['TZ'];

  afterEach(() => {
    if (zoneBefore === undefined) {
      delete process.env['TZ'];
    } else {
      process.env['TZ'] = zoneBefore;
    }
  });

  for (const zone of TIME_ZONES) {
    describe(`in the time zone ${zone}`, () => {
      beforeEach(() => {
        process.env['TZ'] = zone;
      });

      it('leaves a token alive in the last second before midnight UTC of its date', () => {
        const expiresAt = parseExpiryDate('2030-06-15');

        expect(isExpired(expiresAt, new Date('2030-06-14T23:59:59.999Z'))).to.equal(false);
      });

      it('ends a token at midnight UTC of its date, to the millisecond', () => {
        const expiresAt = parseExpiryDate('2030-06-15');

        expect(isExpired(expiresAt, new Date('2030-06-15T00:00:00.000Z'))).to.equal(true);
      });

      it('reads a date as midnight UTC and writes it back', () => {
        const expiresAt = parseExpiryDate('2030-01-01');

        expect(expiresAt).to.deep.equal(new Date('2030-01-01T00:00:00.000Z'));
        expect(expiresAt && formatExpiryDate(expiresAt)).to.equal('2030-01-01');
      });
    });
  }

  it('is told with its time where that is not midnight', () => {
    expect(formatExpiry(new Date('2030-01-01T12:30:00Z'))).to.equal('2030-01-01T12:30:00.000Z');
  });

  it('never ends a token without a date', () => {
    expect(isExpired(null, new Date('9999-12-31T23:59:59Z'))).to.equal(false);
  });

  for (const text of ['2028-02-29', '2000-02-29', '2030-12-31', '0001-01-01', '9999-12-31']) {
    it(`knows the date ${text}`, () => {
      expect(parseExpiryDate(text)?.toISOString()).to.equal(`${text}T00:00:00.000Z`);
    });
  }

  for (const text of [
    '',
    'tomorrow',
    '2030-02-30',
    '2029-02-29',
    '2100-02-29',
    '2030-13-01',
    '2030-00-10',
    '2030-01-00',
    '2030-01-32',
    '2030-1-1',
    '30-01-01',
    '12030-01-01',
    '2030-01-01T00:00:00Z',
    '2030-01-01Z',
    '2030/01/01',
    '01-01-2030',
    ' 2030-01-01',
    '2030-01-01\n',
    '٢٠٣٠-٠١-٠١',
  ]) {
    it(`does not take ${JSON.stringify(text)} for a date`, () => {
      expect(parseExpiryDate(text)).to.equal(null);
    });
  }
});

describe('expiryText', () => {
  it('says until when, or that there is no end', () => {
    expect(expiryText(new Date('2030-06-15T00:00:00Z'))).to.equal('until 2030-06-15');
    expect(expiryText(new Date('2030-06-15T12:30:00Z'))).to.equal('until 2030-06-15T12:30:00.000Z');
    expect(expiryText(null)).to.equal('without expiry');
  });
});

describe('dayIn', () => {
  it('is the first instant of a day in UTC, at any time of today', () => {
    for (const now of ['2030-06-15T00:00:00.000Z', '2030-06-15T23:59:59.999Z']) {
      expect(dayIn(16, new Date(now))).to.deep.equal(new Date('2030-07-01T00:00:00Z'));
      expect(dayIn(0, new Date(now))).to.deep.equal(new Date('2030-06-15T00:00:00Z'));
    }
  });
});
