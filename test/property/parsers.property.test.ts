import { expect } from 'chai';
import * as fc from 'fast-check';
import { formatExpiryDate, isExpired, parseExpiryDate } from '../../src/access/expiry.js';
import { isFaulty } from '../../src/credentials.js';
import { parseBasicAuth } from '../../src/http/basic-auth.js';
import { parseForm } from '../../src/http/form.js';
import { anyText } from './arbitraries.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const FIRST_DAY = Date.parse('0000-01-01T00:00:00Z') / DAY_MS;
const LAST_DAY = Date.parse('9999-12-31T00:00:00Z') / DAY_MS;

describe('parseBasicAuth', () => {
  /** No control characters, and what UTF-8 can carry. */
  const text = fc.string({ unit: 'grapheme' }).filter((value) => !/\p{Cc}/u.test(value));
  const username = text.filter((value) => !value.includes(':'));

  it('reads back every username and secret', () => {
    fc.assert(
      fc.property(username, text, fc.boolean(), (name, secret, isPadded) => {
        const encoded = Buffer.from(`${name}:${secret}`).toString('base64');
        const credentials = parseBasicAuth(
          `Basic ${isPadded ? encoded : encoded.replace(/=+$/, '')}`,
        );

        expect(credentials).to.include({ username: name });
        expect(
          credentials !== null && !isFaulty(credentials) && credentials.secret.reveal(),
        ).to.equal(secret);
      }),
    );
  });

  it('never takes a header that is there for no header', () => {
    fc.assert(
      fc.property(anyText, (header) => {
        expect(parseBasicAuth(header)).not.to.equal(null);
      }),
    );
  });
});

describe('parseForm', () => {
  const field = fc.tuple(
    fc.string({ unit: 'grapheme', minLength: 1 }).filter((name) => !/\p{Cc}/u.test(name)),
    fc.string({ unit: 'grapheme' }).filter((value) => !/\p{Cc}/u.test(value)),
  );

  it('reads what URLSearchParams writes, as URLSearchParams does', () => {
    fc.assert(
      fc.property(fc.array(field), (fields) => {
        const theirs = new URLSearchParams(fields);
        const form = parseForm(theirs.toString());

        expect(form && [...form.keys()]).to.deep.equal([...new Set(theirs.keys())]);
        for (const [name, values] of form ?? []) {
          expect(values).to.deep.equal(theirs.getAll(name));
        }
      }),
    );
  });

  it('reads what encodeURIComponent writes', () => {
    fc.assert(
      fc.property(fc.array(field), (fields) => {
        const text = fields
          .map((parts) => parts.map((part) => encodeURIComponent(part)).join('='))
          .join('&');
        const theirs = new URLSearchParams(text);

        for (const [name, values] of parseForm(text) ?? []) {
          expect(values).to.deep.equal(theirs.getAll(name));
        }
      }),
    );
  });
});

describe('parseExpiryDate', () => {
  it('reads back every date that formatExpiryDate writes', () => {
    const midnight = fc
      .integer({ min: FIRST_DAY, max: LAST_DAY })
      .map((days) => new Date(days * DAY_MS));

    fc.assert(
      fc.property(midnight, (instant) => {
        const text = formatExpiryDate(instant);

        expect(text).to.match(/^\d{4}-\d{2}-\d{2}$/);
        expect(parseExpiryDate(text)).to.deep.equal(instant);
        expect(isExpired(instant, instant)).to.equal(true);
      }),
    );
  });
});
