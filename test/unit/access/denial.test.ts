import { expect } from 'chai';
import {
  DENIAL_REASONS,
  isDenialReason,
  isStrangers,
  NOT_IN_REACH,
  reasonInWords,
  reasonSeenBy,
  wasHarmless,
  type DenialReason,
} from '../../../src/access/denial.js';
import { OPERATOR } from '../../../src/access/actor.js';
import { anAdmin, aProject, LONG_AGO, userWho } from '../../support/build.js';

const LATER = new Date('2020-01-01T00:00:30Z');

/** What would tell a hidden project from a missing one. */
const TELLING: readonly DenialReason[] = [
  'no_project',
  'other_project',
  'not_among_only',
  'not_a_member',
  'not_signed_in',
  'role_too_low',
  'archived',
];

describe('reasonSeenBy', () => {
  const member = userWho('guest');
  const stranger = userWho(null);

  for (const reason of DENIAL_REASONS) {
    const hidden = TELLING.includes(reason) ? NOT_IN_REACH : reason;

    it(`shows ${reason} to who sees the project, and ${hidden} to who does not`, () => {
      expect(reasonSeenBy(member, reason, aProject())).to.equal(reason);
      expect(reasonSeenBy(anAdmin(), reason, aProject())).to.equal(reason);
      expect(reasonSeenBy(OPERATOR, reason, null)).to.equal(reason);
      expect(reasonSeenBy(stranger, reason, aProject())).to.equal(hidden);
      expect(reasonSeenBy(stranger, reason, null)).to.equal(hidden);
      expect(reasonSeenBy(member, reason, null)).to.equal(hidden);
    });
  }
});

describe('isDenialReason', () => {
  it('knows those that are stored, and not what only a reader is shown', () => {
    expect(DENIAL_REASONS.every(isDenialReason)).to.equal(true);
    expect(['', NOT_IN_REACH, 'constructor'].some(isDenialReason)).to.equal(false);
  });
});

describe('reasonInWords', () => {
  it('has words of its own for each reason', () => {
    const all = [...DENIAL_REASONS, NOT_IN_REACH] as const;
    expect(new Set(all.map(reasonInWords)).size).to.equal(all.length);
  });
});

describe('isStrangers', () => {
  it('is true where nobody was known', () => {
    expect(isStrangers({ deployTokenId: null, userId: null })).to.equal(true);
    expect(isStrangers({ deployTokenId: 7, userId: null })).to.equal(false);
    expect(isStrangers({ deployTokenId: null, userId: 3 })).to.equal(false);
  });
});

describe('wasHarmless', () => {
  it('is true where the same was granted since', () => {
    expect(wasHarmless({ lastAt: LONG_AGO, grantedElsewhereAt: LATER })).to.equal(true);
    expect(wasHarmless({ lastAt: LATER, grantedElsewhereAt: LONG_AGO })).to.equal(false);
    expect(wasHarmless({ lastAt: LATER, grantedElsewhereAt: null })).to.equal(false);
  });
});
