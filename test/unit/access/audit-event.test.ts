import { expect } from 'chai';
import {
  actionsOn,
  AUDIT_ACTION_NAMES,
  AUDIT_ACTIONS,
  AUDIT_SUBJECT_KINDS,
  isAuditAction,
  subjectKindOf,
} from '../../../src/access/audit-event.js';

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

describe('actionsOn', () => {
  it('has those of one kind', () => {
    expect(actionsOn('deploy_token')).to.deep.equal([
      'deploy_token_created',
      'deploy_token_revoked',
    ]);
  });

  it('has each action once, over all kinds', () => {
    expect(AUDIT_SUBJECT_KINDS.flatMap(actionsOn)).to.have.members(AUDIT_ACTION_NAMES);
  });
});

describe('subjectKindOf', () => {
  it('says what an action is done to, and nothing of one of a newer version', () => {
    expect(subjectKindOf('deploy_token_revoked')).to.equal('deploy_token');
    expect(subjectKindOf('newer_action')).to.equal(null);
  });
});
