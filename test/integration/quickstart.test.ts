import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { run, temporaryFolder, type RunResult } from '../support/run.js';

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'main.js');

describe('pullgate quickstart --check', () => {
  it('proves login, pull, clone, refused push and revocation with the clients that are here', async () => {
    const { code, stdout, stderr } = await check();

    // Another program may have the usual ports; that is told, and is no trouble.
    expect(stderr.replaceAll(/^Port \d+ is taken\. .*\n/gm, '')).to.equal('');
    expect(code).to.equal(0);
    expect(stdout).to.include('git: the deploy token can clone');
    expect(stdout).to.include('skopeo: the deploy token can login and pull');
    expect(stdout).to.include('git: refused right after the revocation');
    expect(stdout).to.include('skopeo: refused right after the revocation');
  });

  it('takes a free port where one is taken, and says so', async () => {
    const neighbour = createServer().listen(0, '127.0.0.1');
    await once(neighbour, 'listening');
    const address = neighbour.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;

    const { code, stderr } = await check({
      PULLGATE_HTTP_LISTEN: `127.0.0.1:${port}`,
      PULLGATE_HTTP_PUBLIC_URL: `http://localhost:${port}`,
    });

    neighbour.close();
    expect(stderr).to.match(new RegExp(`Port ${port} is taken. Pullgate uses \\d+ instead.`));
    expect(code).to.equal(0);
  });

  it('exits 1 with a clear line when something does not work', async () => {
    const { code, stdout, stderr } = await check({ PULLGATE_REGISTRY_TOKEN_TTL: '5' });

    expect(code).to.equal(1);
    expect(stderr).to.include('PULLGATE_REGISTRY_TOKEN_TTL');
    expect(stdout).to.equal('');
  });
});

async function check(env: NodeJS.ProcessEnv = {}): Promise<RunResult> {
  const folder = await temporaryFolder('pullgate-quickstart-');
  try {
    return await run(process.execPath, [MAIN, 'quickstart', '--check'], {
      cwd: folder.path,
      env: { PATH: process.env['PATH'] ?? '', HOME: folder.path, ...env },
      timeoutMs: 110_000,
    });
  } finally {
    await folder.remove();
  }
}
