import { expect } from 'chai';
import { z } from 'zod';
import { INSTANCE } from '../../src/access/deploy-token.js';
import type { Project } from '../../src/access/project.js';
import {
  giveRole,
  newAccessToken,
  newDeployToken,
  newMember,
  newNamespace,
  newProject,
  newUser,
} from '../doors/app-data.js';
import { withApp } from '../support/with-app.js';
import { askByGet, FORM, grantedBy, repository, send } from '../support/token-client.js';
import {
  API,
  apiClient,
  clientOf,
  encoded,
  fieldOf,
  FORBIDDEN,
  idIn,
  idsIn,
  newAdministrator,
  NO_PROJECT,
  NOT_FOUND,
  textIn,
  UNAUTHORIZED,
  type ApiClient,
} from './api-client.js';
import { auditEventsOf } from '../support/rows.js';

const OwnedTokens = z.array(z.looseObject({ id: z.int(), owner: z.looseObject({}) }));
const WRONG_SCOPES = { error: 'scopes does not have a valid value' };
const WRONG_USERNAME = {
  message: "Username can contain only letters, digits, '_', '-', '+', and '.'",
};
const NOW = new Date('2026-11-22T12:00:00Z');

describe('deploy tokens of the API', () => {
  const app = withApp({ now: () => now });
  let project: Project;
  let maintainer: ApiClient;
  let now = NOW;

  beforeEach(async () => {
    now = NOW;
    project = await newProject(app);
    maintainer = await clientOf(app, (await newMember(app, project, 'maintainer')).user);
  });

  function path(below = ''): string {
    return `/projects/${project.id}/deploy_tokens${below}`;
  }

  async function clientFor(who: string, where: Project): Promise<ApiClient> {
    if (who === 'nobody') {
      return apiClient(app, null);
    }
    if (who === 'admin') {
      return await newAdministrator(app);
    }
    const { user } = await newUser(app);
    for (const role of ['guest', 'reporter', 'developer', 'maintainer', 'owner'] as const) {
      if (role === who) {
        await giveRole(app, where, user, role);
      }
    }
    return await clientOf(app, user);
  }

  const INPUT = { name: 'ci', scopes: ['read_registry'] };

  describe('POST /projects/:id/deploy_tokens', () => {
    it('answers 201 with the token and its secret', async () => {
      const answer = await maintainer.post(path(), {
        name: 'ci',
        scopes: ['read_registry', 'read_repository'],
        expires_at: '2027-01-31',
        username: 'robot+1',
      });

      expect(answer.status).to.equal(201);
      expect(textIn(answer, 'token')).to.match(/^gldt-[\w-]{32}$/);
      expect(answer.body).to.deep.equal({
        id: idIn(answer),
        token: textIn(answer, 'token'),
        name: 'ci',
        username: 'robot+1',
        expires_at: '2027-01-31T00:00:00.000Z',
        scopes: ['read_repository', 'read_registry'],
        only: null,
        owner: { kind: 'project', id: project.id, path: project.path },
        revoked: false,
        expired: false,
        last_used_at: null,
        last_used: null,
      });
    });

    it('gives the default username, and no expiry, when they are left out, null or blank', async () => {
      for (const blank of [
        {},
        { username: null, expires_at: null },
        { username: '', expires_at: '' },
      ]) {
        const answer = await maintainer.post(path(), { ...INPUT, ...blank });

        expect(fieldOf(answer, 'username')).to.equal(`deploy-token-${idIn(answer)}`);
        expect(fieldOf(answer, 'expires_at')).to.equal(null);
      }
    });

    it('keeps the secret out of every other answer', async () => {
      const made = await maintainer.post(path(), INPUT);
      const secret = textIn(made, 'token');

      const answers = [
        await maintainer.get(path()),
        await maintainer.get(path(`/${idIn(made)}`)),
        await (await newAdministrator(app)).get('/deploy_tokens?per_page=100'),
      ];

      for (const answer of answers) {
        expect(answer.status).to.equal(200);
        expect(answer.text).to.contain('"name"').and.not.to.contain(secret);
      }
      expect(app.log()).not.to.contain(secret);
    });

    for (const [given, expected] of [
      ['2027-01-31', '2027-01-31T00:00:00.000Z'],
      ['2027-01-31T00:00:00Z', '2027-01-31T00:00:00.000Z'],
      ['2027-01-31T00:00:00.000Z', '2027-01-31T00:00:00.000Z'],
      ['2027-01-31T15:30:00', '2027-01-31T15:30:00.000Z'],
      ['2027-01-31T23:30:00-02:00', '2027-02-01T01:30:00.000Z'],
    ]) {
      it(`takes ${given} as an expiry`, async () => {
        const answer = await maintainer.post(path(), { ...INPUT, expires_at: given });

        expect(fieldOf(answer, 'expires_at')).to.equal(expected);
      });
    }

    for (const [what, body] of [
      ['a form with scopes[] twice', 'name=ci&scopes[]=read_registry&scopes[]=read_repository'],
      [
        'a form with escaped brackets',
        'name=ci&scopes%5B%5D=read_registry&scopes%5B%5D=read_repository',
      ],
      ['a form with commas', 'name=ci&scopes=read_registry,read_repository'],
      ['a form with scopes twice', 'name=ci&scopes=read_registry&scopes=read_repository'],
    ] as const) {
      it(`takes ${what}`, async () => {
        const { user } = await newMember(app, project, 'maintainer');
        const { secret } = await newAccessToken(app, user, ['api']);

        const answer = await send(app.origin, {
          method: 'POST',
          target: API + path(),
          headers: { authorization: `Bearer ${secret}`, 'content-type': FORM },
          body,
        });

        expect(answer.status).to.equal(201);
        expect(fieldOf(answer, 'scopes')).to.deep.equal(['read_repository', 'read_registry']);
      });
    }

    it('takes parameters from the query, and the body before it', async () => {
      const answer = await maintainer.post(`${path()}?name=query&scopes[]=read_repository`, {
        name: 'body',
      });

      expect(fieldOf(answer, 'name')).to.equal('body');
      expect(fieldOf(answer, 'scopes')).to.deep.equal(['read_repository']);
    });

    for (const [what, body, expected] of [
      ['nothing', {}, { error: 'name is missing, scopes is missing' }],
      ['no name', { scopes: ['read_registry'] }, { error: 'name is missing' }],
      ['a null', { ...INPUT, name: null }, { error: 'name is missing' }],
      ['an unknown scope', { ...INPUT, scopes: ['admin'] }, WRONG_SCOPES],
      ['a scope that GitLab has', { ...INPUT, scopes: ['write_registry'] }, WRONG_SCOPES],
      ['a good and an unknown scope', { ...INPUT, scopes: 'read_registry,x' }, WRONG_SCOPES],
      [
        'all of it wrong, at once',
        { name: ' ', scopes: [], username: 'a:b', expires_at: '2020-01-01' },
        {
          message:
            'The name of a deploy token has 1 to 255 characters, on one line.' +
            " and Scopes can't be blank" +
            ' and The expiry date must lie in the future: a deploy token is dead from 00:00 UTC of that date.' +
            " and Username can contain only letters, digits, '_', '-', '+', and '.'",
        },
      ],
      ['no scope', { ...INPUT, scopes: [] }, { message: "Scopes can't be blank" }],
      ['a blank for a scope', { ...INPUT, scopes: '' }, { message: "Scopes can't be blank" }],
      ['a scope that is an object', { ...INPUT, scopes: [{}] }, { error: 'scopes is invalid' }],
      ['a name that is a list', { ...INPUT, name: ['a'] }, { error: 'name is invalid' }],
      ['a name that is an object', { ...INPUT, name: {} }, { error: 'name is invalid' }],
      ['no date', { ...INPUT, expires_at: 'soon' }, { error: 'expires_at is invalid' }],
      ['February 30th', { ...INPUT, expires_at: '2027-02-30' }, { error: 'expires_at is invalid' }],
      ['a number for a date', { ...INPUT, expires_at: 5 }, { error: 'expires_at is invalid' }],
      ['a username with a colon', { ...INPUT, username: 'a:b' }, WRONG_USERNAME],
      ['a username of 256 letters', { ...INPUT, username: 'a'.repeat(256) }, WRONG_USERNAME],
    ] as const) {
      it(`refuses ${what} with 400`, async () => {
        const answer = await maintainer.post(path(), body);

        expect(answer.status).to.equal(400);
        expect(answer.body).to.deep.equal(expected);
        expect(idsIn(await maintainer.get(path()))).to.deep.equal([]);
      });
    }

    for (const [what, body] of [
      ['a blank name', { ...INPUT, name: ' ' }],
      ['a name of 256 letters', { ...INPUT, name: 'a'.repeat(256) }],
      ['a name of two lines', { ...INPUT, name: 'a\nb' }],
      ['an expiry of today', { ...INPUT, expires_at: '2026-11-22' }],
      ['an expiry of this very moment', { ...INPUT, expires_at: NOW.toISOString() }],
    ] as const) {
      it(`refuses ${what} with 400 and a sentence`, async () => {
        const answer = await maintainer.post(path(), body);

        expect(answer.status).to.equal(400);
        expect(textIn(answer, 'message')).to.match(/^The .*\.$|^The .*date\.$/);
      });
    }
  });

  describe('GET /projects/:id/deploy_tokens', () => {
    it('lists the expired ones too, and leaves them out with active=true alone', async () => {
      const lasting = (await newDeployToken(app, project)).token.id;
      const expired = (await newDeployToken(app, project, { expiresAt: NOW })).token.id;

      expect(idsIn(await maintainer.get(path()))).to.deep.equal([lasting, expired]);
      expect(idsIn(await maintainer.get(path('?active=false')))).to.deep.equal([lasting, expired]);
      expect(idsIn(await maintainer.get(path('?active=true')))).to.deep.equal([lasting]);
      expect((await maintainer.get(path('?active=perhaps'))).body).to.deep.equal({
        error: 'active is invalid',
      });
    });

    it('tells expired by the same moment as everything else', async () => {
      const { token } = await newDeployToken(app, project, {
        expiresAt: new Date('2026-11-23T00:00:00Z'),
      });

      now = new Date('2026-11-22T23:59:59.999Z');
      const before = await maintainer.get(path(`/${token.id}`));
      now = new Date('2026-11-23T00:00:00.000Z');
      const after = await maintainer.get(path(`/${token.id}`));

      expect([fieldOf(before, 'expired'), fieldOf(after, 'expired')]).to.deep.equal([false, true]);
    });

    it('knows the project by its number and by its encoded path, whatever the case', async () => {
      const { id } = (await newDeployToken(app, project)).token;

      for (const key of [project.id, encoded(project.path), encoded(project.path.toUpperCase())]) {
        expect(idsIn(await maintainer.get(`/projects/${key}/deploy_tokens`))).to.deep.equal([id]);
      }
    });
  });

  describe('one deploy token', () => {
    it('is not found under another project, even for somebody who maintains both', async () => {
      const { user } = await newMember(app, project, 'maintainer');
      const other = await newProject(app);
      await giveRole(app, other, user, 'maintainer');
      const both = await clientOf(app, user);
      const { token } = await newDeployToken(app, other);

      for (const method of ['GET', 'DELETE']) {
        const answer = await both.ask(method, path(`/${token.id}`));

        expect(answer.status).to.equal(404);
        expect(answer.body).to.deep.equal(NOT_FOUND);
      }
      expect((await both.get(`/projects/${other.id}/deploy_tokens/${token.id}`)).status).to.equal(
        200,
      );
    });

    for (const [what, tokenId] of [
      ['text', 'abc'],
      ['zero', '0'],
      ['a negative number', '-1'],
      ['a fraction', '1.5'],
      ['a number past every id', '99999999999999999999'],
      ['a broken escape', '%zz'],
    ] as const) {
      it(`is 400 with ${what} for its number`, async () => {
        for (const method of ['GET', 'DELETE']) {
          const answer = await maintainer.ask(method, path(`/${tokenId}`));

          expect(answer.status).to.equal(400);
          expect(answer.body).to.deep.equal({ error: 'token_id is invalid' });
        }
      });
    }

    it('tells when, where and how it was last used', async () => {
      const { token } = await newDeployToken(app, project);
      await app.service.store.write(async ({ deployTokenUses }) => {
        await deployTokenUses.put([
          {
            deployTokenId: token.id,
            usedAt: NOW,
            fault: null,
            door: 'git',
            address: '192.0.2.7',
            userAgent: 'git/2.39.5',
            repository: project.path,
          },
        ]);
      });

      const answer = await maintainer.get(path(`/${token.id}`));

      expect(fieldOf(answer, 'last_used_at')).to.equal(NOW.toISOString());
      expect(fieldOf(answer, 'last_used')).to.deep.equal({
        door: 'git',
        address: '192.0.2.7',
        user_agent: 'git/2.39.5',
        repository: project.path,
      });
    });

    it('is gone from the API once it is deleted, and stays on record as revoked', async () => {
      const id = idIn(await maintainer.post(path(), INPUT));

      const deleted = await maintainer.delete(path(`/${id}`));

      expect(deleted.status).to.equal(204);
      expect((await maintainer.get(path(`/${id}`))).body).to.deep.equal(NOT_FOUND);
      expect((await maintainer.delete(path(`/${id}`))).body).to.deep.equal(NOT_FOUND);
      expect(idsIn(await maintainer.get(path()))).to.deep.equal([]);
      const record = await app.service.store.deployTokens.findById(id);
      expect(record?.revokedAt).to.deep.equal(NOW);
      expect(record?.revokedBy).to.be.greaterThan(0);
    });

    it('is on the audit trail with its making and its deletion, by the API', async () => {
      const id = idIn(await maintainer.post(path(), INPUT));
      await maintainer.delete(path(`/${id}`));

      const events = (await auditEventsOf(app.service.store, project.id)).slice(0, 2);

      expect(events.map(({ action, origin }) => [action, origin.door])).to.deep.equal([
        ['deploy_token_revoked', 'api'],
        ['deploy_token_created', 'api'],
      ]);
    });

    it('pulls at once when it is made, and is refused at once when it is deleted', async () => {
      const made = await maintainer.post(path(), INPUT);
      const login = { username: textIn(made, 'username'), secret: textIn(made, 'token') };
      const question = { login, scopes: [`repository:${project.path}:pull,push`] };

      const before = await askByGet(app.origin, question);
      await maintainer.delete(path(`/${idIn(made)}`));
      const after = await askByGet(app.origin, question);

      expect(grantedBy(before)).to.deep.equal([repository(project.path, 'pull')]);
      expect(after.status).to.equal(401);
    });
  });

  describe('GET /deploy_tokens', () => {
    it('lists those of every project for administrators', async () => {
      const own = (await newDeployToken(app, project)).token.id;
      const other = (await newDeployToken(app, await newProject(app))).token.id;
      const admin = await newAdministrator(app);

      const found = idsIn(await admin.get('/deploy_tokens?per_page=100'));

      expect(found).to.include.members([own, other]);
    });

    it('names what each belongs to', async () => {
      const group = await newNamespace(app);
      const tokens = [
        (await newDeployToken(app, project)).token.id,
        (await newDeployToken(app, group)).token.id,
        (await newDeployToken(app, INSTANCE)).token.id,
      ];
      const admin = await newAdministrator(app);

      const listed = OwnedTokens.parse((await admin.get('/deploy_tokens?per_page=100')).body);

      const owners = new Map(listed.map(({ id, owner }) => [id, owner]));
      expect(tokens.map((id) => owners.get(id))).to.deep.equal([
        { kind: 'project', id: project.id, path: project.path },
        { kind: 'group', id: group.id, path: group.path },
        { kind: 'instance', id: null, path: null },
      ]);
    });
  });

  // GitLab's table, line by line: who may do it, and what everybody else is told.
  describe('by role', () => {
    const WHO = [
      'nobody',
      'stranger',
      'guest',
      'reporter',
      'developer',
      'maintainer',
      'owner',
      'admin',
    ];
    const TABLE: readonly (readonly [
      string,
      string,
      Readonly<Record<string, readonly number[]>>,
    ])[] = [
      ['GET', '/deploy_tokens', { any: [401, 403, 403, 403, 403, 403, 403, 200] }],
      [
        'GET',
        '/projects/ID/deploy_tokens',
        {
          private: [404, 404, 403, 403, 403, 200, 200, 200],
          internal: [404, 403, 403, 403, 403, 200, 200, 200],
          public: [403, 403, 403, 403, 403, 200, 200, 200],
        },
      ],
      [
        'GET',
        '/projects/ID/deploy_tokens/TOKEN',
        {
          private: [404, 404, 403, 403, 403, 200, 200, 200],
          internal: [404, 403, 403, 403, 403, 200, 200, 200],
          public: [403, 403, 403, 403, 403, 200, 200, 200],
        },
      ],
      [
        'POST',
        '/projects/ID/deploy_tokens',
        {
          private: [401, 404, 403, 403, 403, 201, 201, 201],
          internal: [401, 403, 403, 403, 403, 201, 201, 201],
          public: [401, 403, 403, 403, 403, 201, 201, 201],
        },
      ],
      [
        'DELETE',
        '/projects/ID/deploy_tokens/TOKEN',
        {
          private: [401, 404, 403, 403, 403, 204, 204, 204],
          internal: [401, 403, 403, 403, 403, 204, 204, 204],
          public: [401, 403, 403, 403, 403, 204, 204, 204],
        },
      ],
    ];
    const BODIES: Readonly<Record<number, object>> = {
      401: UNAUTHORIZED,
      403: FORBIDDEN,
      404: NO_PROJECT,
    };

    for (const [method, address, byVisibility] of TABLE) {
      for (const [visibility, statuses] of Object.entries(byVisibility)) {
        it(`${method} ${address} (${visibility}): ${WHO.map((who, i) => `${who} ${statuses[i]}`).join(', ')}`, async () => {
          const level =
            visibility === 'internal' || visibility === 'public' ? visibility : 'private';
          const where = await newProject(app, { visibility: level });
          const found: Record<string, number> = {};
          for (const who of WHO) {
            const { token } = await newDeployToken(app, where);
            const target = address
              .replace('ID', encoded(where.path))
              .replace('TOKEN', String(token.id));

            const client = await clientFor(who, where);
            const answer = await client.ask(method, target, method === 'POST' ? INPUT : undefined);

            found[who] = answer.status;
            if (answer.status >= 400) {
              expect(answer.body).to.deep.equal(BODIES[answer.status]);
            }
          }

          expect(found).to.deep.equal(Object.fromEntries(WHO.map((who, i) => [who, statuses[i]])));
        });
      }
    }

    it('answers for a project that does not exist as for one that is hidden', async () => {
      const stranger = await clientOf(app, (await newUser(app)).user);
      for (const key of [project.id, 999_999, encoded('no/such'), encoded('%ff'), '%2e%2e']) {
        for (const [method, below] of [
          ['GET', ''],
          ['POST', ''],
          ['GET', '/1'],
          ['DELETE', '/1'],
        ] as const) {
          const target = `/projects/${key}/deploy_tokens${below}`;

          const answer = await stranger.ask(method, target, method === 'POST' ? INPUT : undefined);

          expect(answer.status, `${method} ${target}`).to.equal(404);
          expect(answer.body).to.deep.equal(NO_PROJECT);
        }
      }
    });
  });
});
