import { expect } from 'chai';
import type { AccessToken } from '../../src/access/access-token.js';
import { INSTANCE, type DeployToken, type Owner } from '../../src/access/deploy-token.js';
import type { Namespace } from '../../src/access/namespace.js';
import type { Project } from '../../src/access/project.js';
import { OPERATOR } from '../../src/access/actor.js';
import { createNamespace } from '../../src/services/namespaces.js';
import { NO_QUOTAS } from '../../src/services/quotas.js';
import { ENDPOINTS } from '../../src/api/endpoints.js';
import { parseRole } from '../../src/access/role.js';
import type { User } from '../../src/access/user.js';
import {
  giveNamespace,
  giveRole,
  newDeployToken,
  newMember,
  newProject,
  newUser,
} from '../doors/app-data.js';
import type { Answer } from '../support/token-client.js';
import { withApp } from '../support/with-app.js';
import { columns, nameInTable, rows, WHO } from './roles-table.js';
import {
  apiClient,
  clientOf,
  encoded,
  FORBIDDEN,
  NO_PROJECT,
  UNAUTHORIZED,
  type ApiClient,
} from './api-client.js';
import { accessTokensOf } from '../support/rows.js';

const INSUFFICIENT = /^\{"error":"insufficient_scope","error_description":"[^"]+","scope":"api"\}$/;

/** What an address names. */
interface Target {
  readonly project: Project;
  readonly group: Namespace;
  readonly token: DeployToken | null;
  readonly other: User;
  readonly pat: AccessToken | null;
}

interface Person {
  readonly user: User;
  readonly client: ApiClient;
}

describe('endpoints of the API', () => {
  const app = withApp();
  let number = 0;
  let member: User;
  let people: ReadonlyMap<string, Person>;

  before(async () => {
    member = (await newUser(app)).user;
    const made = new Map<string, Person>();
    for (const who of WHO.filter((name) => name !== 'nobody')) {
      const isAdmin = ['admin', 'overseer'].includes(who);
      const { user } = await newUser(app, { isAdmin });
      made.set(who, { user, client: await newClient(who, user) });
    }
    people = made;
  });

  it('are all in the table', () => {
    const inTable = rows.map(([method, path]) => `${method} ${path}`);

    const declared = ENDPOINTS.map(nameInTable);
    expect(columns).to.deep.equal(WHO);
    expect(inTable).to.have.members(declared);
  });

  async function newClient(who: string, user: User): Promise<ApiClient> {
    return await clientOf(app, user, ['reader', 'overseer'].includes(who) ? 'read_api' : 'api');
  }

  async function clientFor(who: string, path: string): Promise<ApiClient> {
    const person = people.get(who);
    if (person === undefined) {
      return apiClient(app, null);
    }
    // Two of the endpoints revoke the token that they are asked with.
    return path.includes('/self') ? await newClient(who, person.user) : person.client;
  }

  /** A project and a group with everybody in them, and what else the address names. */
  async function newTarget(path: string): Promise<Target> {
    number += 1;
    const project = await newProject(app);
    const group = await newGroup(`group-${number}`);
    for (const [who, { user }] of people) {
      const role = who === 'reader' ? 'maintainer' : parseRole(who);
      if (role !== null) {
        await giveRole(app, project, user, role);
        await giveNamespace(app, 'by-roles', user, role);
        await giveNamespace(app, group.path, user, role);
      }
    }
    if (path.includes('MEMBER')) {
      await giveRole(app, project, member, 'developer');
      await giveNamespace(app, group.path, member, 'developer');
    }
    const other =
      path.includes('USER') || path.endsWith('/members') ? (await newUser(app)).user : member;
    const owner = ownerIn(path, { project, group });
    return {
      project,
      group,
      token: path.includes('TOKEN') ? (await newDeployToken(app, owner)).token : null,
      other,
      pat: path.includes('PAT') ? await newPat(other) : null,
    };
  }

  async function newGroup(path: string): Promise<Namespace> {
    return await createNamespace(
      { store: app.service.store, now: () => new Date(), quotas: NO_QUOTAS },
      OPERATOR,
      path,
    );
  }

  async function newPat(user: User): Promise<AccessToken | null> {
    await clientOf(app, user);
    const [pat = null] = await accessTokensOf(app.service.store, user.id);
    return pat;
  }

  function bodyFor(
    method: string,
    path: string,
    { other: { username }, project }: Target,
  ): object | undefined {
    number += 1;
    const tokenInput = { name: 'ci', scopes: ['read_api'] };
    const bodies: Readonly<Record<string, object>> = {
      'POST /projects': { path: `by-roles/project-${number}` },
      'PUT /projects/ID': { visibility: 'private' },
      'POST /projects/ID/members': { username, access_level: 30 },
      'PUT /projects/ID/members/MEMBER': { access_level: 20 },
      'POST /projects/ID/deploy_tokens': { name: 'ci', scopes: ['read_registry'] },
      'POST /deploy_tokens': { name: 'ci', scopes: ['read_registry'] },
      'POST /groups': { path: `by-roles/group-${number}` },
      'PUT /groups/GROUP': { description: 'changed' },
      'POST /groups/GROUP/members': { username, access_level: 30 },
      'PUT /groups/GROUP/members/MEMBER': { access_level: 20 },
      'POST /groups/GROUP/deploy_tokens': { name: 'ci', scopes: ['read_registry'] },
      'POST /explain': { username, name: project.path },
      'PUT /users/USER': { name: 'changed' },
      'POST /users': { username: `made-by-roles-${number}`, force_random_password: true },
      'POST /users/USER/personal_access_tokens': tokenInput,
      'POST /user/personal_access_tokens': tokenInput,
    };
    return bodies[`${method} ${path}`];
  }

  for (const [method = '', path = '', ...statuses] of rows) {
    const expected = Object.fromEntries(WHO.map((who, index) => [who, Number(statuses[index])]));

    it(`${method} ${path}: ${WHO.map((who) => `${who} ${expected[who]}`).join(', ')}`, async () => {
      const found: Record<string, number> = {};
      let place = await newTarget(path);
      for (const who of WHO) {
        const { project, group, token, other, pat } = place;
        const client = await clientFor(who, path);
        const target = path
          .replace('ID', encoded(project.path))
          .replace('GROUP', encoded(group.path))
          .replace('TOKEN', String(token?.id))
          .replace('MEMBER', String(member.id))
          .replace('USER', String(other.id))
          .replace('PAT', String(pat?.id));

        const answer = await client.ask(method, target, bodyFor(method, path, place));

        found[who] = answer.status;
        // Who was refused, or only read, left it as it was.
        if (method !== 'GET' && answer.status < 400) {
          place = await newTarget(path);
        }
        const lacksScope = ['reader', 'overseer'].includes(who) && method !== 'GET';
        expectInWords(answer, path, lacksScope);
      }

      expect(found).to.deep.equal(expected);
    });
  }

  it('refuse a user from the next request on who has lost the role', async () => {
    const project = await newProject(app);
    const { user } = await newMember(app, project, 'maintainer');
    const client = await clientOf(app, user);

    const before = await client.get(`/projects/${project.id}/deploy_tokens`);
    await giveRole(app, project, user, 'developer');
    const after = await client.get(`/projects/${project.id}/deploy_tokens`);

    expect([before.status, after.status]).to.deep.equal([200, 403]);
  });
});

/** Whose token an address with one names. */
function ownerIn(path: string, { project, group }: Pick<Target, 'project' | 'group'>): Owner {
  if (path.startsWith('/projects')) {
    return project;
  }
  return path.startsWith('/groups') ? group : INSTANCE;
}

function expectInWords({ status, body, text }: Answer, path: string, lacksScope: boolean): void {
  if (status === 401) {
    expect(body).to.deep.equal(UNAUTHORIZED);
  }
  if (status === 404 && path.startsWith('/projects')) {
    expect(body).to.deep.equal(NO_PROJECT);
  }
  if (status === 404 && path.startsWith('/groups')) {
    expect(body).to.deep.equal({ message: '404 Group Not Found' });
  }
  if (status === 403 && lacksScope) {
    expect(text).to.match(INSUFFICIENT);
  } else if (status === 403) {
    expect(body).to.deep.equal(FORBIDDEN);
  }
}
