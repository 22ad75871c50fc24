import { expect } from 'chai';
import { withApp } from '../support/with-app.js';
import { ask, basic, send, SERVICE } from '../support/token-client.js';
import {
  linesOf,
  newDeployToken,
  newProject,
  newProjectAndToken,
  requestLine,
} from './app-data.js';

describe('the log line of a request', () => {
  const app = withApp();

  it('tells a good deploy token for the wrong project from a login', async () => {
    const { login, token } = await newProjectAndToken(app);
    const other = await newProject(app);

    const answer = await ask(app.origin, 'GET', {
      login,
      scopes: [`repository:${other.path}:pull,push`],
    });

    expect(answer.status).to.equal(200);
    const line = await requestLine(app, answer.headers['x-request-id']);
    expect(line).to.include({ door: 'registry', actor: `deploy-token:${token.id}` });
    expect(line['asked']).to.deep.equal([`repository:${other.path}:pull,push`]);
    expect(line['granted']).to.deep.equal([]);
    expect(line['refused']).to.deep.equal([
      `repository:${other.path}:pull other_project`,
      `repository:${other.path}:push not_for_deploy_tokens`,
    ]);
  });

  it('has nothing refused where all was granted', async () => {
    const { login, project } = await newProjectAndToken(app);
    const scope = `repository:${project.path}:pull`;

    const answer = await ask(app.origin, 'GET', { login, scopes: [scope] });

    const line = await requestLine(app, answer.headers['x-request-id']);
    expect(line['asked']).to.deep.equal([scope]);
    expect(line['granted']).to.deep.equal([scope]);
    expect(line).not.to.have.property('refused');
  });

  it('says what is usually behind a node of Kubernetes that asks for a private image as nobody', async () => {
    const { project, login } = await newProjectAndToken(app);
    const target = `/token?service=${SERVICE}&scope=repository:${project.path}:pull`;
    async function hint(userAgent: string, headers: Readonly<Record<string, string>> = {}) {
      const asked = { method: 'GET', target, headers: { 'user-agent': userAgent, ...headers } };
      const answer = await send(app.origin, asked);
      return (await requestLine(app, answer.headers['x-request-id']))['hint'];
    }

    for (const node of ['containerd/v1.7.22', 'cri-o/1.30.1 go/go1.22']) {
      expect(await hint(node)).to.match(/^no credentials came: the imagePullSecret is missing/);
    }
    expect(await hint('curl/8.5.0')).to.equal(undefined);
    expect(await hint('containerd/v1.7.22', { authorization: basic(login) })).to.equal(undefined);
  });

  it('tells what was asked of git, and why it was refused, which the caller is not told', async () => {
    const project = await newProject(app);
    const { login } = await newDeployToken(app, await newProject(app), {
      scopes: ['read_repository'],
    });

    const answer = await send(app.origin, {
      method: 'GET',
      target: `/${project.path}.git/info/refs?service=git-upload-pack`,
      headers: { authorization: basic(login) },
    });

    expect(answer.status).to.equal(404);
    expect(answer.text).not.to.contain('other_project');
    const line = await requestLine(app, answer.headers['x-request-id']);
    expect(line['asked']).to.deep.equal([`git:${project.path}:fetch`]);
    expect(line['refused']).to.deep.equal([`git:${project.path}:fetch other_project`]);
  });

  it('is bounded, however much was asked for', async () => {
    // The attack: 8 kB of scopes in each request fill the log, and the disk under it, for nothing.
    const { login } = await newProjectAndToken(app);
    const scopes = Array.from({ length: 40 }, (_, i) => `repository:a/${'x'.repeat(150)}${i}:pull`);

    const answer = await ask(app.origin, 'GET', { login, scopes });

    const line = await requestLine(app, answer.headers['x-request-id']);
    expect(line['asked']).to.have.lengthOf(17).and.to.include('and 24 more');
    expect(line['refused']).to.have.lengthOf(17).and.to.include('and 24 more');
  });
});

describe('the log of a service behind a proxy that it does not trust', () => {
  const app = withApp();

  // The setting was forgotten: everybody behind the proxy shares its address, and its limits. Nothing
  // else shows it. A stranger who writes the header may cause this line, so there is one of them.
  it('warns of X-Forwarded-For, and does so once', async () => {
    for (const address of ['203.0.113.7', '203.0.113.8']) {
      const headers = { 'x-forwarded-for': address };
      const answer = await send(app.origin, { method: 'GET', target: '/-/health', headers });
      const line = await requestLine(app, answer.headers['x-request-id']);
      expect(line['client']).to.equal('127.0.0.1');
    }

    const warnings = linesOf(app).filter(({ level, peer }) => level === 'warn' && peer);
    expect(warnings).to.have.lengthOf(1);
    expect(warnings[0]).to.include({ peer: '127.0.0.1' });
    expect(warnings[0]?.['msg']).to.include('http.trusted_proxies');
  });
});
