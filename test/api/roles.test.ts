import { expect } from 'chai';
import type { AccessToken } from '../../src/access/access-token.js';
import type { DeployToken } from '../../src/access/deploy-token.js';
import type { Project } from '../../src/access/project.js';
import { ENDPOINTS } from '../../src/api/endpoints.js';
import { parseRole } from '../../src/access/role.js';
import type { User } from '../../src/access/user.js';
import { giveRole, newDeployToken, newMember, newProject, newUser } from '../doors/app-data.js';
import { startApp, type TestApp } from '../support/start-app.js';
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

interface Place {
  readonly project: Project;
  readonly token: DeployToken;
  readonly other: User;
  readonly pat: AccessToken | undefined;
}

describe('endpoints of the API', () => {
  let app: TestApp;
  let number = 0;
  let member: User;
  let people: ReadonlyMap<string, User>;

  before(async () => {
    app = await startApp();
    member = (await newUser(app)).user;
    const made = new Map<string, User>();
    for (const who of WHO.filter((name) => name !== 'nobody')) {
      const isAdmin = ['admin', 'overseer'].includes(who);
      made.set(who, (await newUser(app, { isAdmin })).user);
    }
    people = made;
  });

  after(async () => {
    await app.stop();
  });

  it('are all in the table', () => {
    const inTable = rows.map(([method, path]) => `${method} ${path}`);

    const declared = ENDPOINTS.map(nameInTable);
    expect(columns).to.deep.equal(WHO);
    expect(inTable).to.have.members(declared);
  });

  /** Each with a token of its own, since one of the endpoints revokes it. */
  async function clientFor(who: string, project: Project): Promise<ApiClient> {
    const user = people.get(who);
    if (user === undefined) {
      return apiClient(app, null);
    }
    const role = who === 'reader' ? 'maintainer' : parseRole(who);
    if (role !== null) {
      await giveRole(app, project, user, role);
    }
    return await clientOf(app, user, ['reader', 'overseer'].includes(who) ? 'read_api' : 'api');
  }

  /** A project with a deploy token and a member, and somebody else with a personal access token. */
  async function newPlace(path: string): Promise<Place> {
    const project = await newProject(app);
    const { token } = await newDeployToken(app, project);
    await giveRole(app, project, member, 'developer');
    const other =
      path.includes('USER') || path.endsWith('/members') ? (await newUser(app)).user : member;
    await clientOf(app, other);
    const [pat] = await accessTokensOf(app.service.store, other.id);
    return { project, token, other, pat };
  }

  function bodyFor(method: string, path: string, userId: number): object | undefined {
    number += 1;
    const tokenInput = { name: 'ci', scopes: ['read_api'] };
    const bodies: Readonly<Record<string, object>> = {
      'POST /projects': { path: `by-roles/project-${number}` },
      'PUT /projects/ID': { visibility: 'private' },
      'POST /projects/ID/members': { user_id: userId, access_level: 30 },
      'PUT /projects/ID/members/MEMBER': { access_level: 20 },
      'POST /projects/ID/deploy_tokens': { name: 'ci', scopes: ['read_registry'] },
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
      let place = await newPlace(path);
      for (const who of WHO) {
        const { project, token, other, pat } = place;
        const client = await clientFor(who, project);
        const target = path
          .replace('ID', encoded(project.path))
          .replace('TOKEN', String(token.id))
          .replace('MEMBER', String(member.id))
          .replace('USER', String(other.id))
          .replace('PAT', String(pat?.id));

        const answer = await client.ask(method, target, bodyFor(method, path, other.id));

        found[who] = answer.status;
        // Only reading leaves it as it was.
        place = method === 'GET' ? place : await newPlace(path);
        if (answer.status === 401) {
          expect(answer.body).to.deep.equal(UNAUTHORIZED);
        }
        if (answer.status === 404 && path.startsWith('/projects')) {
          expect(answer.body).to.deep.equal(NO_PROJECT);
        }
        if (answer.status === 403 && ['reader', 'overseer'].includes(who) && method !== 'GET') {
          expect(answer.text).to.match(INSUFFICIENT);
        } else if (answer.status === 403) {
          expect(answer.body).to.deep.equal(FORBIDDEN);
        }
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
