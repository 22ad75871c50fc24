import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { z } from 'zod';
import { OPERATOR } from '../../src/access/actor.js';
import { createDeployToken } from '../../src/services/deploy-tokens.js';
import { findProjectByPath } from '../../src/services/projects.js';
import { dockerCli } from '../support/docker-engine.js';
import { describeWithEachRegistry } from '../support/each-registry.js';
import { startInstallation, type Installation } from '../support/installation.js';
import type { RunResult } from '../support/run.js';
import type { Login } from '../support/token-client.js';

const PROJECT = 'tanuki/awesome_project';
const DockerConfig = z.strictObject({
  auths: z.record(z.string(), z.strictObject({ auth: z.base64() })),
});

describeWithEachRegistry('docker login, with no engine to help', (stock) => {
  let installation: Installation;
  let logins = 0;

  before(async () => {
    installation = await startInstallation({ registry: stock });
    await installation.addProject(PROJECT);
  });

  after(async () => {
    await installation.stop();
  });

  async function logIn(
    { username, secret }: Login,
    configDir = newConfigDir(),
  ): Promise<RunResult> {
    const args = ['login', '--username', username, '--password-stdin', installation.host];
    return await dockerCli(args, { configDir, input: secret });
  }

  function newConfigDir(): string {
    logins += 1;
    return join(installation.folder, `docker-${logins}`);
  }

  /** Made a month before it expired, which was long ago. */
  async function expiredToken(): Promise<Login> {
    return await installation.withStore(async (store) => {
      const project = await findProjectByPath({ store }, PROJECT);
      const deps = { store, now: () => new Date('2020-01-01T00:00:00Z'), tokenPrefix: 'gldt-' };
      const { token, secret } = await createDeployToken(deps, OPERATOR, project, {
        name: 'expired',
        scopes: ['read_registry'],
        expiresAt: new Date('2020-02-01T00:00:00Z'),
        username: null,
      });
      return { username: token.username, secret: secret.reveal() };
    });
  }

  it('succeeds with a deploy token and its username', async () => {
    const token = await installation.addDeployToken(PROJECT);

    const result = await logIn(token);

    expect(result.stderr).not.to.contain('unauthorized');
    expect(result.stdout).to.contain('Login Succeeded');
    expect(result.code).to.equal(0);
  });

  it('stores the deploy token itself, and no identity token in its place', async () => {
    const token = await installation.addDeployToken(PROJECT);
    const configDir = newConfigDir();

    await logIn(token, configDir);

    const stored: unknown = JSON.parse(await readFile(join(configDir, 'config.json'), 'utf8'));
    const auth = Buffer.from(`${token.username}:${token.secret}`).toString('base64');
    expect(DockerConfig.parse(stored)).to.deep.equal({ auths: { [installation.host]: { auth } } });
  });

  it('fails with the reason for the holder of the token, and in the same words for all others', async () => {
    const good = await installation.addDeployToken(PROJECT);
    const revoked = await installation.addDeployToken(PROJECT);
    await installation.done('deploy-token', 'revoke', String(revoked.id));
    const expired = await expiredToken();
    const wrongSecret = `${good.secret.slice(0, -1)}${good.secret.endsWith('A') ? 'B' : 'A'}`;
    const cases = {
      'wrong secret': { ...good, secret: wrongSecret },
      'unknown user': { username: 'nobody', secret: 'not-a-password-of-anyone' },
      'wrong username': { ...good, username: revoked.username },
      'revoked token': revoked,
      'expired token': expired,
    };

    const results = new Map<string, RunResult>();
    for (const [name, login] of Object.entries(cases)) {
      results.set(name, await logIn(login));
    }

    const messages = [...results.values()].map(messageOf);
    const [wrong, unknown, username, ended, over] = messages;
    expect(wrong).to.match(/unauthorized: Access denied/);
    expect(unknown).to.equal(wrong);
    expect(username).to.contain('The username is not that of this deploy token.');
    expect(ended).to.contain('This deploy token was revoked on ');
    expect(over).to.contain('This deploy token expired on ');
    for (const [name, { code }] of results) {
      expect(code, name).to.equal(1);
    }
    const refusals = (await installation.requests()).map(({ refusal }) => refusal);
    expect(new Set(refusals)).to.include.all.keys(
      'unknown',
      'wrong_username',
      'revoked',
      'expired',
    );
  });

  it('tells the holder of a token without read_registry what is missing', async () => {
    const token = await installation.addDeployToken(PROJECT, { scopes: ['read_repository'] });

    const result = await logIn(token);

    expect(result.stderr).to.match(/unauthorized: .*read_registry/);
    expect(result.code).to.equal(1);
  });

  it('succeeds for a person with a personal access token, and with a password', async () => {
    const person = await installation.addUser('ada');
    const accessToken = await installation.addAccessToken(person, 'read_registry');

    const results = [await logIn(accessToken), await logIn(person)];

    expect(results.map(({ code }) => code)).to.deep.equal([0, 0]);
  });

  it('leaves no secret in the log of the service', async () => {
    await installation.requests();

    const log = installation.serviceLog();

    expect(installation.secrets().filter((secret) => log.includes(secret))).to.deep.equal([]);
  });
});

/** Without the client's own log lines, which hold times and addresses in memory. */
function messageOf({ output }: RunResult): string {
  return output
    .split('\n')
    .filter((line) => !line.startsWith('time='))
    .join('\n');
}
