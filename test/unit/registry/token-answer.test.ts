import { expect } from 'chai';
import { tokenAnswer } from '../../../src/registry/token-answer.js';

const NOW = new Date('2031-03-01T12:00:00Z');
const ISSUED = {
  jwt: 'e30.e30.c2ln',
  scopes: ['a:b":pull', '\u2028'],
  issuedAt: '2031-03-01T12:00:00.000Z',
  expiresAt: new Date('2031-03-01T12:05:00Z'),
};

describe('tokenAnswer', () => {
  it('is the JSON that any writer would make of it', () => {
    const answer = tokenAnswer(ISSUED, { now: NOW, withScope: true });

    expect(answer).to.equal(
      JSON.stringify({
        token: ISSUED.jwt,
        access_token: ISSUED.jwt,
        expires_in: 300,
        issued_at: ISSUED.issuedAt,
        scope: 'a:b":pull \u2028',
      }),
    );
  });

  it('has no scope where none is told', () => {
    const answer: unknown = JSON.parse(tokenAnswer(ISSUED, { now: NOW, withScope: false }));

    expect(answer).to.have.all.keys('token', 'access_token', 'expires_in', 'issued_at');
  });

  const cases = [
    ['all of a JWT just made, in the middle of a second too', '12:00:00.999', 300],
    ['what is left of one made before', '12:00:04.999', 296],
    ['the least that clients take, with less left', '12:04:30.000', 60],
  ] as const;
  for (const [what, at, expected] of cases) {
    it(`tells ${what}`, () => {
      const now = new Date(`2031-03-01T${at}Z`);

      expect(tokenAnswer(ISSUED, { now, withScope: false })).to.include(
        `"expires_in":${expected},`,
      );
    });
  }
});
