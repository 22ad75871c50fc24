import { expect } from 'chai';
import { AUDIT_ACTION_NAMES, type AuditEvent } from '../../../src/access/audit-event.js';
import { actionTitle, actorName, deedOf } from '../../../src/web/pages/audit/deed.js';

function sentence(overrides: Partial<AuditEvent>): string {
  const { before, name, after, detail } = deedOf(anEvent(overrides));
  const words = [before, name, after, detail && `(${detail})`];
  return words.filter((part) => part !== null && part !== '').join(' ');
}

function anEvent(overrides: Partial<AuditEvent>): AuditEvent {
  return {
    id: 1,
    at: new Date(0),
    action: 'signed_in',
    actorId: 3,
    actor: 'ada',
    projectId: null,
    projectPath: null,
    namespaceId: null,
    namespacePath: null,
    subjectId: 7,
    subject: 'ci',
    detail: '',
    origin: { door: 'web', address: null, requestId: null },
    ...overrides,
  };
}

describe('what an event says', () => {
  const rows: readonly (readonly [Partial<AuditEvent>, string])[] = [
    [
      { action: 'deploy_token_created', detail: 'read_registry, without expiry' },
      'created the deploy token ci (read_registry, without expiry)',
    ],
    [{ action: 'member_set', subject: 'bob', detail: 'developer' }, 'gave bob the role developer'],
    [{ action: 'project_visibility_changed', subject: 'a/b', detail: 'public' }, 'made a/b public'],
    [
      { action: 'project_default_branch_changed', subject: 'a/b', detail: 'trunk' },
      'made trunk the default branch of a/b',
    ],
    [{ action: 'project_unarchived', subject: 'a/b' }, 'made a/b active again'],
    [{ action: 'signed_in', subject: 'ada' }, 'signed in'],
    [{ action: 'signed_out', subject: 'ada', detail: '3 sessions' }, 'signed out (3 sessions)'],
    [
      { action: 'sign_in_refused', subject: 'ada', detail: 'wrong_password' },
      'could not sign in as ada (wrong password)',
    ],
    [
      { action: 'sign_in_refused', subject: '', detail: 'unknown' },
      'could not sign in (no such user)',
    ],
    // Names are whatever people chose.
    [{ action: 'deploy_token_revoked', subject: '% … $&' }, 'revoked the deploy token % … $&'],
  ];
  for (const [event, expected] of rows) {
    it(expected, () => {
      expect(sentence(event)).to.equal(expected);
    });
  }

  it('has words and a title of its own for each action', () => {
    const titles = AUDIT_ACTION_NAMES.map(actionTitle);

    expect(new Set(titles).size).to.equal(AUDIT_ACTION_NAMES.length);
    for (const action of AUDIT_ACTION_NAMES) {
      expect(sentence({ action, detail: 'x' }), action).to.match(/^[a-z].*(?:ci|in|out)/);
    }
  });

  for (const [actor, expected] of [
    ['ada', 'ada'],
    ['operator:', 'The operator'],
    ['operator:ada', 'The operator (ada)'],
    ['', 'Somebody'],
  ] as const) {
    it(`was done by ${expected}`, () => {
      expect(actorName({ actor })).to.equal(expected);
    });
  }
});
