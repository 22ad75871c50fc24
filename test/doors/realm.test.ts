import { expect } from 'chai';
import { withApp } from '../support/with-app.js';
import {
  askByGet,
  askByPost,
  basic,
  errorOf,
  grantedBy,
  send,
  SERVICE,
  type Answer,
} from '../support/token-client.js';
import { webClient } from '../support/web-client.js';
import { newMember, newProject, newProjectAndToken, requestLine } from './app-data.js';

const REALM = 'https://pullgate.example.com/token';
const BROWSER = 'https://browse.example.com';

describe('a realm that is not quite right', () => {
  const app = withApp({ env: { PULLGATE_HTTP_PUBLIC_URL: 'https://pullgate.example.com' } });

  async function get(target: string): Promise<Answer> {
    return await send(app.origin, { method: 'GET', target });
  }

  // Docker shows an answer in the registry's form, and calls anything else an "unexpected status".
  for (const path of ['/', '/v2/token', '/token/x', '/oauth/token', '/users/sign_in', '/a/b']) {
    it(`that leads to ${path} is told what it has to be`, async () => {
      const answer = await get(`${path}?account=robot&service=${SERVICE}`);

      expect(answer.status).to.equal(404);
      expect(errorOf(answer).message).to.contain(`auth.token.realm must be ${REALM}.`);
      const line = await requestLine(app, answer.headers['x-request-id']);
      expect(line).to.include({ door: 'registry', status: 404 });
    });
  }

  it('is told so whatever service it asks for', async () => {
    expect(errorOf(await get('/?service=other')).message).to.contain(REALM);
  });

  it('leaves git, the API and pages alone', async () => {
    const { path } = await newProject(app, { visibility: 'public' });

    const git = await get(`/${path}.git/info/refs?service=git-upload-pack`);
    const api = await get(`/api/v4/projects?service=${SERVICE}`);
    const page = await get('/users/sign_in?from=service');

    expect([git, api, page].map(({ text }) => text.includes(REALM))).to.deep.equal([
      false,
      false,
      false,
    ]);
  });

  it('takes nothing from a project of that path: its page is asked for no service', async () => {
    const project = await newProject(app, { path: 'auth/token' });
    const { login } = await newMember(app, project, 'owner');
    const client = webClient(app.origin);
    await client.signIn(login.username, login.secret);

    const page = await client.get('/auth/token');
    const token = await askByGet(app.origin, {
      path: '/auth/token',
      login,
      scopes: ['repository:auth/token:pull'],
    });

    expect(page.status).to.equal(200);
    expect(page.html).to.contain('docker pull');
    expect(grantedBy(token)).to.have.lengthOf(1);
  });
});

describe('pages of other origins at the token endpoint', () => {
  const app = withApp({
    env: { PULLGATE_REGISTRY_CORS_ORIGINS: `${BROWSER}, http://localhost:8080` },
  });
  const closed = withApp();
  const target = `/token?service=${SERVICE}`;

  function preflight(origin: string): Parameters<typeof send>[1] {
    const headers = { origin, 'access-control-request-method': 'GET' };
    return { method: 'OPTIONS', target, headers };
  }

  it('read its answers where they are named in registry.cors_origins, refusals too', async () => {
    const { login } = await newProjectAndToken(app);

    for (const authorization of [basic(login), 'Basic bm9ib2R5OnB3']) {
      const headers = { origin: BROWSER, authorization };
      const answer = await send(app.origin, { method: 'GET', target, headers });

      expect(answer.headers).to.include({
        'access-control-allow-origin': BROWSER,
        'access-control-allow-credentials': 'true',
        vary: 'Origin',
      });
    }
  });

  it('are told so when they ask first', async () => {
    const answer = await send(app.origin, preflight('http://localhost:8080'));

    expect(answer.status).to.equal(200);
    expect(answer.headers['access-control-allow-methods']).to.equal('GET, POST');
    expect(answer.headers['access-control-allow-headers']).to.equal('authorization, content-type');
  });

  // Whoever is signed in to a registry browser visits another page, and that page asks for a token in
  // their name: browsers send known Basic credentials along. An origin that is not named reads nothing,
  // and nothing is the default.
  it('read nothing where they are not named', async () => {
    const origins = ['https://evil.example.com', `${BROWSER}.evil.example.com`, 'null'];
    for (const [origin, { origin: at }] of [
      ...origins.map((each) => [each, app] as const),
      [BROWSER, closed] as const,
    ]) {
      const first = await send(at, preflight(origin));
      const answer = await send(at, { method: 'GET', target, headers: { origin } });

      expect(first.status).to.equal(405);
      for (const { headers } of [first, answer]) {
        expect(headers).not.to.have.any.keys('access-control-allow-origin');
      }
    }
  });

  it('get nothing more of an answer that nobody else gets', async () => {
    const { login } = await newProjectAndToken(closed);

    const answer = await askByPost(closed.origin, { login });

    expect(answer.headers).not.to.have.any.keys('vary', 'access-control-allow-origin');
  });
});
