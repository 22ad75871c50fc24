import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { OPERATOR } from '../../src/access/actor.js';
import { revokeDeployToken } from '../../src/services/deploy-tokens.js';
import { eventually } from '../git/git-data.js';
import { temporaryFolder, type TemporaryFolder } from '../support/run.js';
import { growth, scrape, type Scrape } from '../support/scrape.js';
import { startApp, type TestApp } from '../support/start-app.js';
import { withApp } from '../support/with-app.js';
import { askByGet, basic, send, type Answer, type Login } from '../support/token-client.js';
import { webClient } from '../support/web-client.js';
import {
  linesOf,
  newAccessToken,
  newDeployToken,
  newMember,
  newProject,
  newProjectAndToken,
  newUser,
  requestLine,
} from './app-data.js';

const NOON = new Date('2031-05-01T12:00:00Z');
const DAY_MS = 24 * 60 * 60 * 1000;
const METRICS_ON = { PULLGATE_METRICS_LISTEN: '127.0.0.1:0' };
const COUNTERS =
  /^pullgate_(token_requests|inactive_deploy_tokens_presented|sign_ins_refused)_total/;

function daysAfterNoon(days: number): Date {
  return new Date(NOON.getTime() + days * DAY_MS);
}

function tokenRequests(door: string, result: string, reason: string): string {
  return `pullgate_token_requests_total{door="${door}",result="${result}",reason="${reason}"}`;
}

describe('the metrics listener', () => {
  const app = withApp({ env: METRICS_ON });

  it('answers GET /-/metrics in the format of Prometheus', async () => {
    const answer = await send(app.metricsOrigin, { method: 'GET', target: '/-/metrics' });

    expect(answer.status).to.equal(200);
    expect(answer.headers['content-type']).to.equal('text/plain; version=0.0.4; charset=utf-8');
    expect(answer.headers['cache-control']).to.equal('no-store');
    expect(answer.text).to.match(/^pullgate_build_info\{version="\d+\.\d+\.\d+"\} 1$/m);
  });

  for (const target of ['/', '/metrics', '/-/metrics/', '/-/health', '/token', '/users/sign_in']) {
    it(`has nothing at ${target}`, async () => {
      const answer = await send(app.metricsOrigin, { method: 'GET', target });

      expect(answer.status).to.equal(404);
    });
  }

  it('takes no POST', async () => {
    const answer = await send(app.metricsOrigin, { method: 'POST', target: '/-/metrics' });

    expect(answer.status).to.equal(405);
    expect(answer.headers['allow']).to.equal('GET');
  });

  it('is the only place: the port of the service has no /-/metrics', async () => {
    const answer = await send(app.origin, { method: 'GET', target: '/-/metrics' });

    expect(answer.status).to.equal(404);
  });

  it('is not there unless it is configured', async () => {
    const plain = await startApp();

    expect(plain.metricsOrigin).to.equal('http://127.0.0.1:null');
    expect(linesOf(plain).map(({ msg }) => msg)).not.to.include('metrics listening');
    await plain.stop();
  });

  it('on a port in use stops the start, and says which setting it is', async () => {
    const { port } = new URL(app.metricsOrigin);

    const failure = await startApp({
      env: { PULLGATE_METRICS_LISTEN: `127.0.0.1:${port}` },
    }).then(String, String);

    expect(failure).to.contain(`metrics.listen: 127.0.0.1:${port} cannot be listened on`);
  });
});

describe('metrics of requests', () => {
  let app: TestApp;
  let earlier: Scrape;

  before(async () => {
    app = await startApp({ env: METRICS_ON, now: () => NOON });
  });

  after(async () => {
    await app.stop();
  });

  beforeEach(async () => {
    earlier = await scrape(app.metricsOrigin);
  });

  /** What was counted since the test began, once this request is. */
  async function countedBy(answer: Answer): Promise<Record<string, number>> {
    await requestLine(app, answer.headers['x-request-id']);
    return growth(earlier, await scrape(app.metricsOrigin), COUNTERS);
  }

  async function fetchGit(projectPath: string, login: Login | null): Promise<Answer> {
    return await send(app.origin, {
      method: 'GET',
      target: `/${projectPath}.git/info/refs?service=git-upload-pack`,
      headers: login === null ? {} : { authorization: basic(login) },
    });
  }

  it('count a pull that is granted, at both doors', async () => {
    const project = await newProject(app);
    const { login } = await newDeployToken(app, project, {
      scopes: ['read_registry', 'read_repository'],
    });

    await askByGet(app.origin, { login, scopes: [`repository:${project.path}:pull`] });
    const answer = await fetchGit(project.path, login);

    expect(answer.status).to.equal(200);
    expect(await countedBy(answer)).to.deep.equal({
      [tokenRequests('registry', 'granted', 'access')]: 1,
      [tokenRequests('git', 'granted', 'access')]: 1,
    });
  });

  it("tell a token that is granted nothing from one that is refused: another project's image", async () => {
    const { login } = await newProjectAndToken(app);
    const other = await newProject(app);

    const answer = await askByGet(app.origin, {
      login,
      scopes: [`repository:${other.path}:pull`],
    });

    expect(await countedBy(answer)).to.deep.equal({
      [tokenRequests('registry', 'granted', 'nothing')]: 1,
    });
  });

  it('tell an unknown secret from a wrong username, at both doors', async () => {
    const { project, login } = await newProjectAndToken(app);
    const unknown = { ...login, secret: 'gldt-unknown' };
    const misnamed = { ...login, username: 'somebody' };

    await askByGet(app.origin, { login: unknown });
    await askByGet(app.origin, { login: misnamed });
    await fetchGit(project.path, unknown);
    const answer = await fetchGit(project.path, misnamed);

    expect(await countedBy(answer)).to.deep.equal({
      [tokenRequests('registry', 'refused', 'unknown')]: 1,
      [tokenRequests('registry', 'refused', 'wrong_username')]: 1,
      [tokenRequests('git', 'refused', 'unknown')]: 1,
      [tokenRequests('git', 'refused', 'wrong_username')]: 1,
    });
  });

  it('tell that an expired and a revoked deploy token are still presented', async () => {
    const project = await newProject(app);
    const expired = await newDeployToken(app, project, { expiresAt: NOON });
    const revoked = await newDeployToken(app, project);
    const { store } = app.service;
    await revokeDeployToken({ store, now: () => NOON }, OPERATOR, revoked.token.id);

    await askByGet(app.origin, { login: expired.login });
    await askByGet(app.origin, { login: expired.login });
    const answer = await fetchGit(project.path, revoked.login);

    expect(await countedBy(answer)).to.deep.equal({
      [tokenRequests('registry', 'refused', 'expired')]: 2,
      [tokenRequests('git', 'refused', 'revoked')]: 1,
      'pullgate_inactive_deploy_tokens_presented_total{door="registry",status="expired"}': 2,
      'pullgate_inactive_deploy_tokens_presented_total{door="git",status="revoked"}': 1,
    });
  });

  it('do not take the expired token of a person for a deploy token', async () => {
    const { user } = await newUser(app);
    const login = await newAccessToken(app, user, ['read_registry'], NOON);

    const answer = await askByGet(app.origin, { login });

    expect(await countedBy(answer)).to.deep.equal({
      [tokenRequests('registry', 'refused', 'expired')]: 1,
    });
  });

  it('keep what no guess is apart from what may be one', async () => {
    const project = await newProject(app);
    const { login } = await newDeployToken(app, project, { scopes: ['read_repository'] });

    await askByGet(app.origin, { login });
    await askByGet(app.origin, {});
    await askByGet(app.origin, { login, service: 'another' });
    await fetchGit('tanuki/nowhere', login);
    const answer = await fetchGit(project.path, null);

    expect(await countedBy(answer)).to.deep.equal({
      [tokenRequests('registry', 'refused', 'scope_missing')]: 1,
      [tokenRequests('registry', 'refused', 'no_credentials')]: 1,
      [tokenRequests('registry', 'refused', 'bad_request')]: 1,
      [tokenRequests('git', 'refused', 'not_found')]: 1,
      [tokenRequests('git', 'refused', 'no_credentials')]: 1,
    });
  });

  it('count what the API grants and refuses', async () => {
    const { user } = await newUser(app);
    const { secret } = await newAccessToken(app, user, ['read_api']);
    async function askApi(token: string, method = 'GET'): Promise<Answer> {
      const headers = { 'private-token': token };
      return await send(app.origin, { method, target: '/api/v4/projects', headers });
    }

    await askApi(secret);
    await askApi('glpat-unknown');
    const answer = await askApi(secret, 'POST');

    expect(await countedBy(answer)).to.deep.equal({
      [tokenRequests('api', 'granted', 'access')]: 1,
      [tokenRequests('api', 'refused', 'unknown')]: 1,
      [tokenRequests('api', 'refused', 'forbidden')]: 1,
    });
  });

  it('count guesses at a password that were told to wait', async () => {
    const guesses = Array.from({ length: 11 }, (_, n) => ({
      username: 'nobody',
      secret: `guess ${n}`,
    }));

    const answers = [];
    for (const login of guesses) {
      answers.push(await askByGet(app.origin, { login }));
    }

    const [last] = answers.toReversed();
    expect(last?.status).to.equal(429);
    expect(last && (await countedBy(last))).to.deep.equal({
      [tokenRequests('registry', 'refused', 'unknown')]: 10,
      [tokenRequests('registry', 'refused', 'rate_limited')]: 1,
    });
  });

  it('count a sign-in that was refused', async () => {
    const { login } = await newUser(app);
    const browser = webClient(app.origin);
    await browser.get('/users/sign_in');

    const { headers } = await browser.submit('/users/sign_in', {
      username: login.username,
      password: 'a wrong one',
    });

    await requestLine(app, headers.get('x-request-id'));
    expect(growth(earlier, await scrape(app.metricsOrigin), COUNTERS)).to.deep.equal({
      'pullgate_sign_ins_refused_total{reason="wrong_password"}': 1,
    });
  });

  it('time every request by its door and count it by its status', async () => {
    const { login } = await newProjectAndToken(app);
    await askByGet(app.origin, { login });
    await send(app.origin, { method: 'GET', target: '/users/sign_in' });
    await send(app.origin, { method: 'GET', target: '/-/nothing' });
    await send(app.origin, { method: 'GET', target: '/-/health' });
    const answer = await fetchGit('tanuki/nowhere', login);
    await requestLine(app, answer.headers['x-request-id']);

    const after = await scrape(app.metricsOrigin);

    expect(growth(earlier, after, /^pullgate_requests_total/)).to.deep.equal({
      'pullgate_requests_total{door="registry",code="2xx"}': 1,
      'pullgate_requests_total{door="web",code="2xx"}': 1,
      'pullgate_requests_total{door="other",code="2xx"}': 1,
      'pullgate_requests_total{door="other",code="4xx"}': 1,
      'pullgate_requests_total{door="git",code="4xx"}': 1,
    });
    expect(growth(earlier, after, /^pullgate_request_duration_seconds_count/)).to.deep.equal({
      'pullgate_request_duration_seconds_count{door="registry"}': 1,
      'pullgate_request_duration_seconds_count{door="web"}': 1,
      'pullgate_request_duration_seconds_count{door="other"}': 2,
      'pullgate_request_duration_seconds_count{door="git"}': 1,
    });
  });

  it('hold no secret, and nothing else that a client sent', async () => {
    // The attack: whoever may read the metrics, or the Prometheus that keeps them for months, looks
    // for tokens, usernames, project paths and addresses in them. They count, and name nobody.
    const { project, login } = await newProjectAndToken(app);
    const scopes = [`repository:${project.path}:pull`];
    await askByGet(app.origin, { login, scopes, more: { account: 'account-of-ada' } });
    await askByGet(app.origin, { login: { ...login, secret: 'gldt-not-this-one' }, scopes });
    const answer = await fetchGit('tanuki/private-path', { ...login, username: 'user-of-ada' });
    await requestLine(app, answer.headers['x-request-id']);

    const { text } = await scrape(app.metricsOrigin);

    for (const sent of [
      login.secret,
      login.username,
      project.path,
      'account-of-ada',
      'gldt-',
      'private-path',
      'user-of-ada',
      '127.0.0.1',
    ]) {
      expect(text).not.to.contain(sent);
    }
  });
});

describe('metrics of the state', () => {
  let app: TestApp;
  let now: Date;
  let held: Socket[];
  let folder: TemporaryFolder;

  before(async () => {
    folder = await temporaryFolder('pullgate-metrics');
  });

  after(async () => {
    await folder.remove();
  });

  beforeEach(async () => {
    held = [];
    now = NOON;
    app = await startApp({
      certsDir: folder.path,
      env: { ...METRICS_ON, PULLGATE_GIT_MAX_PROCESSES: '1' },
      now: () => now,
    });
  });

  afterEach(async () => {
    for (const socket of held) {
      socket.destroy();
    }
    await app.stop();
  });

  async function series(name: string): Promise<number | undefined> {
    return (await scrape(app.metricsOrigin)).series.get(name);
  }

  it('tell when the signing key and the CA expire', async () => {
    const { series: told } = await scrape(app.metricsOrigin);

    const listening = linesOf(app).find(({ msg }) => msg === 'listening');
    const { notAfter } = z.object({ notAfter: z.string() }).parse(listening?.['key']);
    expect(told.get('pullgate_signing_key_expiry_timestamp_seconds')).to.equal(
      Date.parse(notAfter) / 1000,
    );
    expect(told.get('pullgate_ca_expiry_timestamp_seconds')).to.be.above(
      Date.parse(notAfter) / 1000,
    );
    expect(told.has('pullgate_tls_certificate_expiry_timestamp_seconds')).to.equal(false);
  });

  it('count the active deploy tokens, and those with a week or less to live', async () => {
    const project = await newProject(app);
    for (const expiresAt of [null, NOON, daysAfterNoon(1), daysAfterNoon(7), daysAfterNoon(8)]) {
      await newDeployToken(app, project, { expiresAt });
    }

    const { series: told } = await scrape(app.metricsOrigin);

    expect(told.get('pullgate_deploy_tokens_active')).to.equal(4);
    expect(told.get('pullgate_deploy_tokens_expiring_soon')).to.equal(2);
  });

  it('count deploy tokens at most once a minute, however often they are asked for', async () => {
    const { project } = await newProjectAndToken(app);
    await scrape(app.metricsOrigin);
    await newDeployToken(app, project);

    now = new Date(NOON.getTime() + 59_999);
    const soon = await series('pullgate_deploy_tokens_active');
    now = new Date(NOON.getTime() + 60_000);
    const later = await series('pullgate_deploy_tokens_active');

    expect(soon).to.equal(1);
    expect(later).to.equal(2);
  });

  it('count that the last uses of tokens could not be written', async () => {
    const { login } = await newProjectAndToken(app);
    const database = await new DataSource({
      type: 'better-sqlite3',
      database: join(app.folder, 'pullgate.db'),
    }).initialize();
    await database.query('DROP TABLE deploy_token_uses');
    await database.destroy();

    await askByGet(app.origin, { login });

    const failures = await eventually(
      async () => (await series('pullgate_deploy_token_use_write_failures_total')) || null,
    );
    expect(failures).to.equal(1);
  });

  it('tell that the database answers, and that one process serves', async () => {
    expect(await series('pullgate_database_up')).to.equal(1);
    expect(await series('pullgate_workers')).to.equal(1);
  });

  it('tell how many git programs run and how many requests wait for one', async () => {
    const project = await newProject(app);
    const { login } = await newMember(app, project, 'developer');

    await holdPush(project.path, login);
    await eventually(async () => (await series('pullgate_git_processes')) === 1 || null);
    await holdPush(project.path, login);
    await eventually(async () => (await series('pullgate_git_queue')) === 1 || null);

    expect(await series('pullgate_git_processes')).to.equal(1);
    expect(await series('pullgate_git_processes_max')).to.equal(1);
  });

  it('tell how many Git LFS objects are on their way', async () => {
    const project = await newProject(app);
    const { login } = await newMember(app, project, 'developer');

    await hold(`PUT /${project.path}.git/info/lfs/objects/${'0'.repeat(64)}`, login);
    await eventually(async () => (await series('pullgate_lfs_transfers')) === 1 || null);

    expect(await series('pullgate_lfs_transfers_max')).to.equal(32);
    expect(await series('pullgate_lfs_queue')).to.equal(0);
  });

  /** Begins a push, which a git program then waits for. */
  async function holdPush(projectPath: string, login: Login): Promise<void> {
    await hold(`POST /${projectPath}.git/git-receive-pack`, login);
  }

  /** Sends the beginning of a body. */
  async function hold(line: string, login: Login): Promise<void> {
    const socket = connect(app.service.port, '127.0.0.1');
    held.push(socket);
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    socket.write(
      `${line} HTTP/1.1\r\nHost: localhost\r\n` +
        `Authorization: ${basic(login)}\r\nContent-Type: application/x-git-receive-pack-request\r\n` +
        'Content-Length: 1000\r\n\r\n0014comm',
    );
  }
});
