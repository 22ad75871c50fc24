import { once } from 'node:events';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { z } from 'zod';
import { pullgate, startPullgate, type OwnScript } from '../support/pullgate-process.js';
import { freePort, run, temporaryFolder, type TemporaryFolder } from '../support/run.js';
import { askByGet, type Login } from '../support/token-client.js';

const AccessTokens = z.array(z.object({ name: z.string(), active: z.boolean() }));
const Manifest = z.object({ config: z.object({ digest: z.string() }) });
const ImageConfig = z.object({
  created: z.string(),
  config: z.object({ Cmd: z.tuple([z.string()]) }),
});

interface Shown {
  readonly origin: string;
  readonly host: string;
  readonly login: Login;
}

describe('the demo of npm start', () => {
  let scratch: TemporaryFolder;
  let cwd: string;
  let neighbour: Server;
  let env: NodeJS.ProcessEnv;
  let demo: OwnScript;
  let shown: Shown;

  before(async () => {
    scratch = await temporaryFolder('pullgate-demo');
    cwd = join(scratch.path, "a 'b");
    await mkdir(cwd);
    neighbour = createServer().listen(0, '127.0.0.1');
    await once(neighbour, 'listening');
    env = {
      HOME: cwd,
      PULLGATE_HTTP_LISTEN: `127.0.0.1:${portOf(neighbour)}`,
      // Those of production, as its operator's shell may have them.
      PULLGATE_DATABASE_URL: 'mysql://pullgate:x@db.example.com/pullgate',
      PULLGATE_CERTS_DIR: '/nonexistent/certs',
      PULLGATE_GIT_ROOT: '/nonexistent/git',
      PULLGATE_CONFIG: '/nonexistent/pullgate.yml',
    };
    shown = await start();
  });

  after(async () => {
    await demo?.stop();
    neighbour.close();
    await scratch.remove();
  });

  async function start(): Promise<Shown> {
    demo = startPullgate(['quickstart'], { cwd, env, isTelling: true });
    await demo.line((line) => line.includes('Ctrl-C stops everything'));
    const text = demo.stdout();
    const [, origin = ''] = /^Pullgate +(\S+)/m.exec(text) ?? [];
    const [, host = ''] = /^Registry +(\S+)/m.exec(text) ?? [];
    const [, secret = '', username = ''] =
      /printf %s (\S+) \| docker login -u (\S+)/.exec(text) ?? [];
    return { origin, host, login: { username, secret } };
  }

  function lineWith(text: string): string {
    return demo.lines().find((line) => line.includes(text)) ?? '';
  }

  it('keeps everything in a folder of its own, whatever the environment names for production', async () => {
    expect(await readdir(cwd)).to.deep.equal(['demo']);
    expect(await readdir(join(cwd, 'demo'))).to.include.members(['pullgate.db', 'certs', 'git']);
  });

  it('prints lines that a POSIX shell can read, in any folder', async () => {
    const lines = demo.lines().filter((line) => /^ {4}(printf|docker|git|PULLGATE)/.test(line));

    const { code, output } = await run('sh', ['-n'], { input: lines.join('\n') });
    const clone = await run('sh', ['-c', lineWith('git clone')], {
      cwd: scratch.path,
      env: { PATH: process.env['PATH'], HOME: scratch.path },
    });

    expect(lines).to.have.lengthOf(5);
    expect(code, output).to.equal(0);
    expect(clone.code, clone.output).to.equal(0);
    expect(await readdir(join(scratch.path, 'awesome_project'))).to.include('README.md');
  });

  it('has an image of today with a program in it', async () => {
    const scope = 'repository:tanuki/awesome_project:pull';
    const answer = await askByGet(shown.origin, { login: shown.login, scopes: [scope] });
    const { token } = z.object({ token: z.string() }).parse(answer.body);
    async function ask(path: string): Promise<unknown> {
      const response = await fetch(`http://${shown.host}/v2/tanuki/awesome_project/${path}`, {
        headers: {
          authorization: `Bearer ${token}`,
          accept: 'application/vnd.docker.distribution.manifest.v2+json',
        },
      });
      return JSON.parse(await response.text());
    }

    const { config } = Manifest.parse(await ask('manifests/latest'));
    const { created, config: how } = ImageConfig.parse(await ask(`blobs/${config.digest}`));

    expect(how.Cmd).to.deep.equal(['/hello']);
    expect(Date.now() - Date.parse(created)).to.be.within(0, 24 * 60 * 60 * 1000);
  });

  it('leaves no token behind that may push', async () => {
    const settings = { PULLGATE_CONFIG: join(cwd, 'demo', 'pullgate.yml') };
    const list = ['access-token', 'list', 'admin', '--json'];

    const { stdout, output } = await pullgate(list, { cwd: scratch.path, env: settings });

    const tokens = AccessTokens.parse(JSON.parse(stdout));
    expect(tokens, output).to.deep.equal([{ name: 'quickstart push', active: false }]);
  });

  it('started again, has the same addresses, and its last deploy token is refused', async () => {
    const before = shown;
    await demo.stop();
    // The neighbour, for whom it had to take another port, is gone.
    neighbour.close();
    delete env['PULLGATE_HTTP_LISTEN'];

    shown = await start();

    expect(shown).to.include({ origin: before.origin, host: before.host });
    expect((await askByGet(shown.origin, { login: before.login })).status).to.equal(401);
    expect((await askByGet(shown.origin, { login: shown.login })).status).to.equal(200);
  });

  it('honours a host of the environment, for the service and for the registry', async () => {
    await demo.stop();
    const host = `127.0.0.2:${await freePort()}`;
    env = { ...env, PULLGATE_REGISTRY_HOST: host };

    shown = await start();

    expect(shown.host).to.equal(host);
    expect(shown.origin).to.match(/^http:\/\/127\.0\.0\.2:\d+$/);
    expect((await fetch(`http://${host}/v2/`)).headers.get('www-authenticate')).to.include(
      `realm="${shown.origin}/token"`,
    );
    expect(await readFile(join(cwd, 'demo', 'pullgate.yml'), 'utf8')).to.include(`host: ${host}`);
  });
});

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
