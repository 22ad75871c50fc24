import { expect } from 'chai';
import { OPERATOR, type Actor } from '../../../src/access/actor.js';
import { INSTANCE, type DeployToken, type Owner } from '../../../src/access/deploy-token.js';
import {
  explain,
  mayAskAbout,
  projectOf,
  type Explained,
  type ExplainQuestion,
} from '../../../src/access/explanation.js';
import type { OwnedPrefix, Project } from '../../../src/access/project.js';
import { NO_ROLES, type Roles } from '../../../src/access/role.js';
import {
  aDeployToken,
  aNamespace,
  aProject,
  aUser,
  anAdmin,
  userWho,
} from '../../support/build.js';

const NOW = new Date('2031-05-01T12:00:00Z');
const EARLIER = new Date('2031-04-01T00:00:00Z');
const PROJECT = aProject({ id: 7, path: 'tanuki/web' });
const NAMESPACE = aNamespace({ id: 3, path: 'tanuki' });
const PULL: ExplainQuestion = { door: 'registry', action: 'pull', name: 'tanuki/web/api' };
const FETCH: ExplainQuestion = { door: 'git', action: 'fetch', name: 'tanuki/web' };

function ofProject(overrides: Partial<DeployToken> = {}, owner: Owner | null = PROJECT): Explained {
  const token = aDeployToken({
    id: 4,
    name: 'ci',
    scopes: ['read_registry'],
    owner: { kind: 'project', id: PROJECT.id },
    expiresAt: null,
    ...overrides,
  });
  return { kind: 'deploy-token', token, owner };
}

function ofNamespace(only: readonly string[] | null = null): Explained {
  return ofProject({ owner: { kind: 'namespace', id: 3, path: 'tanuki' }, only }, NAMESPACE);
}

function anAccount(roles: Roles = NO_ROLES, overrides = {}): Explained {
  return { kind: 'user', user: aUser({ username: 'ada', ...overrides }), roles };
}

function owning(project: Project): readonly OwnedPrefix[] {
  return [{ prefix: project.path, project }];
}

/** A line for the verdict, and one for each fact: what was passed, what stopped it, and what was not reached. */
function told(
  explained: Explained,
  question: ExplainQuestion,
  given: { readonly project?: Project | null; readonly reader?: Actor } = {},
): string[] {
  const { project = PROJECT, reader = OPERATOR } = given;
  const owned = project === null ? [] : owning(project);
  const { allowed, reason, facts } = explain(explained, question, { owned, now: NOW, reader });
  const marks = { passed: '+', stopped: '!', 'not-reached': '.' };
  return [
    allowed ? 'yes' : `no: ${reason}`,
    ...facts.map(({ outcome, text }) => `${marks[outcome]} ${text}`),
  ];
}

describe('explain', () => {
  it('tells what a granted pull rests on', () => {
    expect(told(ofProject(), PULL)).to.deep.equal([
      'yes',
      '+ Deploy token 4 (ci) of project tanuki/web',
      '+ Active, without expiry',
      '+ Scopes: read_registry',
      '+ Repository tanuki/web/api belongs to project tanuki/web',
      '+ Visibility: private',
      '+ Reaches tanuki/web',
      '+ pull tanuki/web/api: yes',
    ]);
  });

  it('tells where a token stops that has ended', () => {
    expect(told(ofProject({ revokedAt: EARLIER }), PULL)).to.deep.equal([
      'no: revoked',
      '+ Deploy token 4 (ci) of project tanuki/web',
      '! Revoked on 2031-04-01',
      '. Scopes: read_registry',
      '. Repository tanuki/web/api belongs to project tanuki/web',
      '. Visibility: private',
      '. Reaches tanuki/web',
      '! pull tanuki/web/api: no, revoked',
    ]);
    expect(told(ofProject({ expiresAt: EARLIER }), PULL)).to.include('! Expired on 2031-04-01');
    expect(told(ofProject({ suspendedAt: EARLIER }), PULL)).to.include('! Suspended on 2031-04-01');
  });

  it('tells a missing scope, at both doors', () => {
    const code = ofProject({ scopes: ['read_repository'] });

    expect(told(code, PULL)).to.include.members(['no: scope_missing', '! Scopes: read_repository']);
    expect(told(ofProject(), FETCH)).to.include.members([
      'no: scope_missing',
      '! Scopes: read_registry',
    ]);
    expect(told(code, FETCH)).to.include.members([
      '+ Project tanuki/web is there',
      '+ fetch tanuki/web: yes',
    ]);
  });

  it('tells that deploy tokens only read', () => {
    for (const action of ['push', 'delete']) {
      expect(told(ofProject(), { ...PULL, action })[0]).to.equal('no: not_for_deploy_tokens');
    }
    const code = ofProject({ scopes: ['read_repository'] });
    expect(told(code, { ...FETCH, action: 'push' })[0]).to.equal('no: not_for_deploy_tokens');
  });

  it('tells how far a token reaches', () => {
    const other = aProject({ id: 8, path: 'other/app' });
    const question = { ...PULL, name: 'other/app' };

    expect(told(ofProject(), question, { project: other })).to.include.members([
      'no: other_project',
      '! Reaches tanuki/web',
    ]);
    expect(told(ofNamespace(), PULL)).to.include('+ Reaches every project below tanuki');
    expect(told(ofNamespace(['tanuki/api']), PULL)).to.include.members([
      'no: not_among_only',
      '+ Reaches every project below tanuki',
      '! Narrowed to tanuki/api',
    ]);
    const instance = ofProject({ owner: INSTANCE }, INSTANCE);
    expect(told(instance, PULL)).to.include.members([
      '+ Deploy token 4 (ci) of the instance',
      '+ Reaches every project',
    ]);
    const orphan = ofProject({ owner: { kind: 'project', id: 99 }, revokedAt: EARLIER }, null);
    expect(told(orphan, PULL)).to.include.members([
      '+ Deploy token 4 (ci) of what was removed',
      '. Reaches nothing any more',
    ]);
  });

  it('tells a name that no project owns', () => {
    expect(told(ofProject(), PULL, { project: null })).to.include.members([
      'no: no_project',
      '! No project owns tanuki/web/api',
    ]);
    expect(told(ofProject({ scopes: ['read_repository'] }), FETCH, { project: null })).to.include(
      '! No project owns tanuki/web',
    );
  });

  it('tells what an account may', () => {
    const developer = { ...NO_ROLES, projects: new Map([[PROJECT.id, 'developer' as const]]) };

    expect(told(anAccount(developer), PULL)).to.include.members([
      'yes',
      '+ Role in tanuki/web: developer',
    ]);
    expect(told(anAccount(developer), { ...PULL, action: 'delete' })).to.include.members([
      'no: role_too_low',
      '! Role in tanuki/web: developer',
    ]);
    expect(told(anAccount(), FETCH)).to.include.members([
      'no: not_a_member',
      '! Role in tanuki/web: none',
    ]);
    expect(told(anAccount(developer, { blockedAt: EARLIER }), PULL)).to.include.members([
      'no: blocked',
      '! Blocked',
      '. Role in tanuki/web: developer',
    ]);
    expect(told(anAccount(NO_ROLES, { isAdmin: true }), PULL)).to.include.members([
      'yes',
      '+ Account ada, an administrator',
    ]);
  });

  it('tells what is open to nobody who is signed in', () => {
    const open = aProject({ ...PROJECT, visibility: 'public' });

    expect(told({ kind: 'anonymous' }, PULL)).to.include.members([
      'no: not_signed_in',
      '! Nobody is signed in',
    ]);
    expect(told({ kind: 'anonymous' }, PULL, { project: open })[0]).to.equal('yes');
  });

  it('tells of an archived project', () => {
    const archived = aProject({ ...PROJECT, archivedAt: EARLIER });
    const developer = { ...NO_ROLES, projects: new Map([[PROJECT.id, 'developer' as const]]) };

    expect(
      told(anAccount(developer), { ...PULL, action: 'push' }, { project: archived }),
    ).to.include.members(['no: archived', '! Visibility: private, archived']);
  });

  it('tells no reader a hidden project from a missing one', () => {
    const reader = userWho(null);
    const hidden = told(ofProject(), PULL, {
      project: aProject({ id: 8, path: 'tanuki/web' }),
      reader,
    });

    expect(hidden).to.deep.equal(told(ofProject(), PULL, { project: null, reader }));
    expect(hidden.slice(-1)).to.deep.equal(['! pull tanuki/web/api: no, not in reach']);
  });
});

describe('mayAskAbout', () => {
  it('is for the account itself, overseers, and who manages the project', () => {
    const project = aProject({ id: 1 });
    const ada = aUser({ id: 77 });

    expect(mayAskAbout(userWho(null, { user: ada }), ada, null)).to.equal(true);
    expect(mayAskAbout(anAdmin(), ada, null)).to.equal(true);
    expect(mayAskAbout(userWho('maintainer'), ada, project)).to.equal(true);
    expect(mayAskAbout(userWho('maintainer'), ada, null)).to.equal(false);
    expect(mayAskAbout(userWho('developer'), ada, project)).to.equal(false);
    expect(mayAskAbout({ kind: 'anonymous' }, ada, null)).to.equal(false);
  });
});

describe('projectOf', () => {
  it('is the owner of the images, and at git the project of this path', () => {
    const owned = owning(PROJECT);

    expect(projectOf(PULL, owned)).to.equal(PROJECT);
    expect(projectOf(FETCH, owned)).to.equal(PROJECT);
    expect(projectOf({ ...FETCH, name: 'tanuki/web/api' }, owned)).to.equal(null);
    expect(projectOf({ ...PULL, name: 'tanuki/website' }, owned)).to.equal(null);
  });
});
