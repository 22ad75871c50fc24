import { expect } from 'chai';
import { CREDENTIAL_FAULTS, REFUSALS } from '../../../src/access/credential.js';
import {
  faultReason,
  sentencesOf,
  toldReason,
  type RefusedCredentials,
} from '../../../src/access/told-reason.js';

const DAY = new Date('2026-01-01T00:00:00Z');
const NOON = new Date('2026-01-01T12:00:00Z');
const ALIVE = { expiresAt: null, revokedAt: null, suspendedAt: null };

describe('toldReason', () => {
  it('tells anybody of faults of form, and of nothing else', () => {
    const told = REFUSALS.filter((refusal) => toldReason({ refusal }) !== null);

    expect(told).to.deep.equal([...CREDENTIAL_FAULTS]);
  });

  const HOLDERS: readonly (readonly [RefusedCredentials, string | null])[] = [
    [
      { refusal: 'wrong_username', deployToken: ALIVE },
      'the username is not that of this deploy token',
    ],
    [
      { refusal: 'expired', deployToken: { ...ALIVE, expiresAt: DAY } },
      'this deploy token expired on 2026-01-01',
    ],
    [
      { refusal: 'expired', accessToken: { ...ALIVE, expiresAt: NOON } },
      'this personal access token expired on 2026-01-01T12:00:00.000Z',
    ],
    [
      { refusal: 'revoked', deployToken: { ...ALIVE, revokedAt: NOON } },
      'this deploy token was revoked on 2026-01-01',
    ],
    [
      { refusal: 'suspended', deployToken: { ...ALIVE, suspendedAt: NOON } },
      'this deploy token was revoked on 2026-01-01',
    ],
    [
      { refusal: 'revoked', accessToken: { ...ALIVE, revokedAt: NOON } },
      'this personal access token was revoked on 2026-01-01',
    ],
    [{ refusal: 'blocked', accessToken: ALIVE }, null],
    [{ refusal: 'expired', deployToken: ALIVE }, null],
    [{ refusal: 'revoked', deployToken: ALIVE }, null],
    [{ refusal: 'line_break', deployToken: ALIVE }, faultReason('line_break').phrase],
  ];
  for (const [refused, phrase] of HOLDERS) {
    const token = refused.deployToken === undefined ? 'personal access token' : 'deploy token';
    it(`tells the holder of a ${token}, ${refused.refusal}: ${phrase}`, () => {
      const told = toldReason(refused);

      expect(told?.phrase ?? null).to.equal(phrase);
      // What Node sends in a status line.
      expect(told === null ? 'A. B.' : sentencesOf(told)).to.match(
        /^[A-Z][\x20-\x7e]*\. [\x20-\x7e]+\.$/,
      );
    });
  }

  it('is ASCII, so that it can stand in a header', () => {
    for (const fault of CREDENTIAL_FAULTS) {
      expect(sentencesOf(faultReason(fault))).to.match(/^[A-Z][\x20-\x7e]+\. [A-Z][\x20-\x7e]+\.$/);
    }
  });
});
