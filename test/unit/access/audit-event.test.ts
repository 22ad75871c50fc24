import { expect } from 'chai';
import { AUDIT_ACTIONS, isAuditAction } from '../../../src/access/audit-event.js';

describe('isAuditAction', () => {
  it('knows every action', () => {
    expect(Object.keys(AUDIT_ACTIONS).filter((name) => !isAuditAction(name))).to.deep.equal([]);
  });

  for (const text of ['', 'user', 'Signed_in', 'toString', '__proto__']) {
    it(`does not take ${JSON.stringify(text)} for one`, () => {
      expect(isAuditAction(text)).to.equal(false);
    });
  }
});
