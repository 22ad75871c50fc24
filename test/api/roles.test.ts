import { expect } from 'chai';
import type { Project } from '../../src/access/project.js';
import { ENDPOINTS } from '../../src/api/endpoints.js';
import { parseRole } from '../../src/access/role.js';
import type { User } from '../../src/access/user.js';
import { giveRole, newDeployToken, newMember, newProject, newUser } from '../doors/app-data.js';
import { startApp, type TestApp } from '../support/start-app.js';
import {
  apiClient,
  clientOf,
  encoded,
  FORBIDDEN,
  NO_PROJECT,
  UNAUTHORIZED,
  type ApiClient,
} from './api-client.js';

const WHO = [
  'nobody',
  'stranger',
  'guest',
  'developer',
  'maintainer',
  'admin',
  'reader',
  'overseer',
];

// Every endpoint against everybody, on a private project; deploy tokens have a table of their own.
// `reader` is a maintainer with read_api, `overseer` an administrator with read_api. USER is somebody
// else, MEMBER another member.
const TABLE = `
                                                 nobody stranger guest developer maintainer admin reader overseer
  GET    /version                                 401     200     200     200       200      200   200     200
  GET    /user                                    401     200     200     200       200      200   200     200
  GET    /deploy_tokens                           401     403     403     403       403      200   403     200
  GET    /audit_events                            401     403     403     403       403      200   403     200
  GET    /projects/ID/audit_events                404     404     403     403       200      200   200     200
  GET    /projects                                200     200     200     200       200      200   200     200
  POST   /projects                                401     201     201     201       201      201   403     403
  GET    /projects/ID                             404     404     200     200       200      200   200     200
  PUT    /projects/ID                             401     404     403     403       200      200   403     403
  POST   /projects/ID/archive                     401     404     403     403       201      201   403     403
  POST   /projects/ID/unarchive                   401     404     403     403       201      201   403     403
  GET    /projects/ID/members                     404     404     403     403       200      200   200     200
  GET    /projects/ID/members/all                 404     404     403     403       200      200   200     200
  GET    /projects/ID/members/MEMBER              404     404     403     403       200      200   200     200
  GET    /projects/ID/members/all/MEMBER          404     404     403     403       200      200   200     200
  POST   /projects/ID/members                     401     404     403     403       201      201   403     403
  PUT    /projects/ID/members/MEMBER              401     404     403     403       200      200   403     403
  DELETE /projects/ID/members/MEMBER              401     404     403     403       204      204   403     403
  GET    /projects/ID/deploy_tokens               404     404     403     403       200      200   200     200
  POST   /projects/ID/deploy_tokens               401     404     403     403       201      201   403     403
  GET    /projects/ID/deploy_tokens/TOKEN         404     404     403     403       200      200   200     200
  DELETE /projects/ID/deploy_tokens/TOKEN         401     404     403     403       204      204   403     403
  GET    /users                                   401     403     403     403       403      200   403     200
  POST   /users                                   401     403     403     403       403      201   403     403
  GET    /users/USER                              401     403     403     403       403      200   403     200
  POST   /users/USER/block                        401     403     403     403       403      201   403     403
  POST   /users/USER/unblock                      401     403     403     403       403      201   403     403
  POST   /users/USER/personal_access_tokens       401     403     403     403       403      201   403     403
  POST   /user/personal_access_tokens             401     201     201     201       201      201   403     403
  GET    /personal_access_tokens                  401     200     200     200       200      200   200     200
  GET    /personal_access_tokens/self             401     200     200     200       200      200   200     200
  GET    /personal_access_tokens/PAT              401     404     404     404       404      200   404     200
  DELETE /personal_access_tokens/PAT              401     404     404     404       404      204   403     403
  DELETE /projects/ID                             401     404     403     403       202      202   403     403
  DELETE /personal_access_tokens/self             401     204     204     204       204      204   403     403
`;

const [columns = [], ...rows] = TABLE.trim()
  .split('\n')
  .map((line) => line.trim().split(/\s+/));

const INSUFFICIENT = /^\{"error":"insufficient_scope","error_description":"[^"]+","scope":"api"\}$/;

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

    const declared = ENDPOINTS.map(
      ({ method, path }) =>
        `${method.toUpperCase()} ${path
          .replace('/projects/:id', '/projects/ID')
          .replace(':token_id', 'TOKEN')
          .replace(/members\/(all\/)?:user_id/, 'members/$1MEMBER')
          .replace(/\/users\/:(?:user_)?id/, '/users/USER')
          .replace('/personal_access_tokens/:id', '/personal_access_tokens/PAT')}`,
    );
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
      for (const who of WHO) {
        const project = await newProject(app);
        const { token } = await newDeployToken(app, project);
        await giveRole(app, project, member, 'developer');
        const other =
          path.includes('USER') || path.endsWith('/members') ? (await newUser(app)).user : member;
        await clientOf(app, other);
        const [pat] = await app.service.store.accessTokens.listByUser(other.id);
        const client = await clientFor(who, project);
        const target = path
          .replace('ID', encoded(project.path))
          .replace('TOKEN', String(token.id))
          .replace('MEMBER', String(member.id))
          .replace('USER', String(other.id))
          .replace('PAT', String(pat?.id));

        const answer = await client.ask(method, target, bodyFor(method, path, other.id));

        found[who] = answer.status;
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
