/**
 * What real clients sent, recorded from docker, podman, skopeo, containerd and BuildKit, and replayed
 * word for word. `needs` says what the client cannot do without; `asks` is its scopes, merged.
 */

import { expect } from 'chai';
import { z } from 'zod';
import type { Project } from '../../src/access/project.js';
import { startApp, type TestApp } from '../support/start-app.js';
import {
  basic,
  errorOf,
  grantedBy,
  send,
  tokenAnswer,
  type AccessEntries,
  type Answer,
  type Login,
} from '../support/token-client.js';
import recordings from '../recorded/client-requests.json' with { type: 'json' };
import { giveRole, newDeployToken, newProject, newUser } from './app-data.js';

/** Which secret was sent: the user's own, or another. */
const SecretSent = z.enum(['good', 'wrong']);

const RecordedRequest = z.strictObject({
  client: z.string(),
  command: z.string(),
  method: z.enum(['GET', 'POST']),
  target: z.string().startsWith('/token'),
  headers: z.strictObject({
    'User-Agent': z.string(),
    Authorization: z.strictObject({ username: z.string(), secret: SecretSent }).optional(),
    'Content-Type': z.string().optional(),
    'Accept-Encoding': z.string(),
  }),
  /** With `SecretSent` for the password or the refresh token. */
  form: z.record(z.string(), z.string()).optional(),
  needs: z.strictObject({
    kind: z.enum([
      'login',
      'pull',
      'push',
      'delete',
      'catalogue',
      'anonymous-pull',
      'refusal',
      'no-refresh-token',
    ]),
    asks: z.array(z.string()).default([]),
  }),
});
type RecordedRequest = z.infer<typeof RecordedRequest>;

const REQUESTS = z.array(RecordedRequest).parse(recordings);
const NAMES = ['busybox', 'other', 'skop', 'pod', 'ctr'];
const PATHS = ['team-basic', 'team-oauth'].flatMap((team) =>
  NAMES.map((name) => `${team}/${name}`),
);

describe('recorded requests of real clients', () => {
  let app: TestApp;
  /** The same projects, but public. */
  let publicApp: TestApp;
  let developer: Login;
  let maintainer: Login;
  const projects = new Map<string, Project>();

  before(async () => {
    const env = { PULLGATE_REGISTRY_SERVICE: 'test-registry' };
    app = await startApp({ env });
    publicApp = await startApp({ env });
    const alice = await newUser(app, { username: 'alice' });
    const bob = await newUser(app, { username: 'bob' });
    for (const path of PATHS) {
      const project = await newProject(app, { path });
      projects.set(path, project);
      await giveRole(app, project, alice.user, 'developer');
      await giveRole(app, project, bob.user, 'maintainer');
      await newProject(publicApp, { path, visibility: 'public' });
    }
    developer = alice.login;
    maintainer = bob.login;
  });

  after(async () => {
    await app.stop();
    await publicApp.stop();
  });

  it('are all here', () => {
    expect(REQUESTS).to.have.lengthOf(60);
  });

  for (const request of REQUESTS) {
    it(`${titleOf(request)}: ${request.command}`, async () => {
      await expectNeeds(request);
    });
  }

  for (const request of REQUESTS.filter(({ needs }) => needs.kind !== 'anonymous-pull')) {
    const [wanted] = request.needs.asks;
    if (wanted?.startsWith('repository:')) {
      it(`gives a deploy token of its first project pull at most: ${request.command}`, async () => {
        const { type, name, actions } = entryOf(wanted);
        const { login } = await newDeployToken(app, projectAt(name));

        const answer = await replay(app, request, login);

        const pulls = actions.includes('pull');
        expect(answer.status).to.equal(200);
        expect(grantedBy(answer)).to.deep.equal(pulls ? [{ type, name, actions: ['pull'] }] : []);
      });
    }
  }

  function projectAt(path: string): Project {
    const project = projects.get(path);
    if (project === undefined) {
      throw new Error(`no recorded request may ask for ${path}`);
    }
    return project;
  }

  async function expectNeeds(request: RecordedRequest): Promise<void> {
    const { kind, asks } = request.needs;
    const answer = await replay(kind === 'anonymous-pull' ? publicApp : app, request, developer);
    switch (kind) {
      case 'login':
        expectToken(request, answer, []);
        break;
      case 'pull':
      case 'push':
      case 'anonymous-pull':
        expectToken(request, answer, asks.map(entryOf));
        break;
      case 'delete':
        expectToken(request, answer, []);
        expectToken(request, await replay(app, request, maintainer), asks.map(entryOf));
        break;
      case 'catalogue':
        // Not for alice, who is no admin; but podman search ends in peace.
        expectToken(request, answer, []);
        break;
      case 'refusal':
      case 'no-refresh-token':
        // 401 is what makes containerd and BuildKit go on with their other method.
        expect(answer.status).to.equal(401);
        expect(errorOf(answer).code).to.equal('UNAUTHORIZED');
        break;
    }
  }
});

function titleOf({ needs: { kind, asks } }: RecordedRequest): string {
  switch (kind) {
    case 'login':
      return 'lets a developer log in';
    case 'pull':
    case 'push':
      return `gives a developer ${asks.join(' ')}`;
    case 'delete':
      return `gives a maintainer, and no developer, ${asks.join(' ')}`;
    case 'catalogue':
      return 'answers a search of somebody who is no admin, without access';
    case 'anonymous-pull':
      return `gives anybody ${asks.join(' ')} of a public project`;
    case 'refusal':
      return 'refuses a wrong secret';
    case 'no-refresh-token':
      return 'refuses a secret without a username, and a refresh token';
  }
}

/** Both fields in every answer, so that no client has to look for the other one. */
function expectToken(request: RecordedRequest, answer: Answer, access: AccessEntries): void {
  expect(answer.status).to.equal(200);
  const { token, access_token: accessToken } = tokenAnswer(request.method, answer);
  expect(accessToken).to.equal(token);
  expect(grantedBy(answer)).to.deep.equal(access);
}

function entryOf(scope: string): AccessEntries[number] {
  const [type = '', name = '', actions = ''] = scope.split(':');
  return { type, name, actions: actions.split(',') };
}

/** Sends the request as it was recorded, with this login where one was. */
async function replay(app: TestApp, request: RecordedRequest, login: Login): Promise<Answer> {
  const { method, target, form } = request;
  const { Authorization: authorization, ...headers } = request.headers;
  const sent: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) {
      sent[name] = value;
    }
  }
  if (authorization !== undefined) {
    const username = authorization.username === '' ? '' : login.username;
    sent['Authorization'] = basic({ username, secret: secretOf(authorization.secret, login) });
  }
  return await send(app.origin, {
    method,
    target,
    headers: sent,
    body: form === undefined ? '' : bodyOf(form, login),
  });
}

function bodyOf(form: NonNullable<RecordedRequest['form']>, login: Login): string {
  const filled = new URLSearchParams();
  for (const [name, value] of Object.entries(form)) {
    filled.set(name, valueOf(name, value, login));
  }
  return filled.toString();
}

function valueOf(name: string, value: string, login: Login): string {
  switch (name) {
    case 'username':
      return login.username;
    case 'password':
    case 'refresh_token':
      return secretOf(SecretSent.parse(value), login);
    default:
      return value;
  }
}

function secretOf(sent: z.infer<typeof SecretSent>, { secret }: Login): string {
  return sent === 'good' ? secret : 'another secret';
}
