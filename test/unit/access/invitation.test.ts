import { expect } from 'chai';
import { invitationStatus } from '../../../src/access/invitation.js';

const NOW = new Date('2026-11-28T12:00:00Z');
const LATER = new Date('2026-11-28T12:00:01Z');

describe('invitationStatus', () => {
  it('is open until the instant at which it expires', () => {
    const open = { usedAt: null, revokedAt: null, expiresAt: LATER };

    expect(invitationStatus(open, NOW)).to.equal('open');
    expect(invitationStatus(open, LATER)).to.equal('expired');
  });

  it('says what ended it, whatever the time', () => {
    const ended = { usedAt: null, revokedAt: NOW, expiresAt: NOW };

    expect(invitationStatus(ended, LATER)).to.equal('revoked');
    expect(invitationStatus({ ...ended, usedAt: NOW }, LATER)).to.equal('used');
  });
});
