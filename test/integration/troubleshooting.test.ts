import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { availableRegistries } from '../support/available-registries.js';
import { dockerCli } from '../support/docker-engine.js';
import { startHeaderProxy, withoutAuthorization } from '../support/header-proxy.js';
import { startInstallation, type Installation } from '../support/installation.js';
import { clockOff } from '../support/libfaketime.js';
import { freePort, temporaryFolder, type RunResult, type TemporaryFolder } from '../support/run.js';
import { credsOf, skopeo } from '../support/skopeo.js';
import type { Login } from '../support/token-client.js';

const PROJECT = 'tanuki/app';

/** A row of the table: what programs print and log are the spans of code in its cells. */
interface Row {
  readonly docker: readonly string[];
  readonly skopeo: readonly string[];
  readonly log: readonly string[];
  /** The registry was shown no token. */
  readonly isLogOver: boolean;
  readonly cause: string;
  readonly command: string;
}

describe('docs/troubleshooting.md, with the real programs', () => {
  let installation: Installation;
  let folder: TemporaryFolder;
  let snippet: string;
  let caFile: string;
  let token: Login;
  let rows: readonly Row[];
  const told = new Set<string>();
  let homes = 0;

  before(async () => {
    rows = rowsOf(await readFile('docs/troubleshooting.md', 'utf8'));
    installation = await startInstallation();
    folder = await temporaryFolder('pullgate-troubleshooting');
    await installation.addProject(PROJECT);
    await installation.addProject('tanuki/other');
    token = await installation.addDeployToken(PROJECT);
    snippet = await installation.done('registry-config');
    caFile = join(installation.folder, 'certs', 'ca.crt');
  });

  after(async () => {
    await installation.stop();
    await folder.remove();
  });

  function set(name: string, value: string): string {
    return snippet.replace(new RegExp(`^( +${name}:).*$`, 'm'), `$1 ${value}`);
  }

  /** Logs in with docker and looks at an image with skopeo, and expects what the row of this cause says. */
  async function expectRow(
    cause: string,
    seed: {
      readonly authSnippet?: string;
      readonly bundle?: string;
      readonly login?: Login;
      readonly repository?: string;
      readonly host?: string;
    } = {},
  ): Promise<void> {
    const [{ start }] = await availableRegistries();
    const { authSnippet = snippet, bundle = caFile, login = token } = seed;
    const registry = await start({ authSnippet, caFile: bundle });
    try {
      const host = seed.host ?? registry.host;
      const docker = await logIn(host, login);
      const image = `docker://${host}/${seed.repository ?? PROJECT}:1`;
      const creds = credsOf(login);
      const looked = await skopeo(newHome(), [
        'inspect',
        '--tls-verify=false',
        '--creds',
        creds,
        image,
      ]);
      told.add(cause);
      const row =
        rows.find((one) => one.cause.includes(cause)) ?? expect.fail(`no row of ${cause}`);
      contains(docker.output, row.docker);
      contains(looked.output, row.skopeo);
      contains(registry.logs(), row.log);
      if (row.isLogOver) {
        expect(registry.logs()).not.to.match(/invalid token|insufficient scope/);
      }
    } finally {
      await registry.stop();
    }
  }

  async function logIn(host: string, { username, secret }: Login): Promise<RunResult> {
    const args = ['login', '--username', username, '--password-stdin', host];
    return await dockerCli(args, { configDir: newHome(), input: secret });
  }

  function newHome(): string {
    homes += 1;
    return join(folder.path, String(homes));
  }

  it('another CA', async () => {
    const certs = join(folder.path, 'certs');
    await installation.cli(['keys', 'create'], { env: { PULLGATE_CERTS_DIR: certs } });
    const bundle = join(certs, 'ca.crt');

    await expectRow('trusts another CA', { authSnippet: set('rootcertbundle', bundle), bundle });
  });

  it('another issuer', async () => {
    await expectRow('another issuer', { authSnippet: set('issuer', 'somebody') });
  });

  it('another service', async () => {
    await expectRow('another service', { authSnippet: set('service', 'other') });
  });

  it('a realm that nobody answers', async () => {
    const realm = `http://localhost:${await freePort()}/token`;

    await expectRow('realm leads to nobody', { authSnippet: set('realm', realm) });
  });

  it('a realm with another path', async () => {
    await expectRow('realm leads to another address', {
      authSnippet: set('realm', `${installation.origin}/`),
    });
  });

  it('a token that is wrong', async () => {
    await expectRow('wrong secret', { login: { ...token, secret: 'gldt-0123456789abcdefghij' } });
  });

  it('another project', async () => {
    await expectRow('does not reach', { repository: 'tanuki/other' });
  });

  it('a registry that is away', async () => {
    await expectRow('no registry', { host: `localhost:${await freePort()}` });
  });

  it('a proxy that drops Authorization', async () => {
    const port = Number(new URL(installation.origin).port);
    const { origin, stop } = await startHeaderProxy([port], withoutAuthorization);
    try {
      const authSnippet = set('realm', `${origin}/token`);
      await expectRow('proxy drops Authorization', { authSnippet });
    } finally {
      stop();
    }
  });

  for (const [offset, cause] of [
    ['+10m', "clocks, Pullgate's ahead"],
    ['-10m', "clocks, Pullgate's behind"],
  ] as const) {
    it(`a clock that is ${offset} off`, async () => {
      told.add(cause);
      await installation.restartService(clockOff(offset));
      try {
        await expectRow(cause);
      } finally {
        await installation.restartService({ LD_PRELOAD: undefined, FAKETIME: undefined });
      }
    });
  }

  it('has no row that none of these has made', () => {
    const others = rows.filter(({ cause }) => ![...told].some((one) => cause.includes(one)));

    expect(others.map(({ cause }) => cause)).to.deep.equal([]);
  });
});

function contains(output: string, spans: readonly string[]): void {
  for (const span of spans) {
    expect(output).to.contain(span);
  }
}

/** Of the table whose head begins with `docker login`. */
function rowsOf(page: string): readonly Row[] {
  const lines = page.split('\n');
  const head = lines.findIndex((line) => /^\| *`docker login`/.test(line));
  const rest = lines.slice(head + 2);
  return rest
    .slice(
      0,
      rest.findIndex((line) => !line.startsWith('|')),
    )
    .map((line) => {
      const [docker = '', looked = '', log = '', cause = '', command = ''] = line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim());
      return {
        docker: spansOf(docker),
        skopeo: spansOf(looked),
        log: spansOf(log),
        isLogOver: log.includes('nothing'),
        cause,
        command,
      };
    });
}

function spansOf(cell: string): readonly string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, span = '']) => span);
}
