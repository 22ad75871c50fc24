import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect } from 'chai';
import { eventually, freePort, run, temporaryFolder } from '../support/run.js';

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'main.js');

/** Their log lines are more than a pipe holds. */
const REQUESTS = 2000;
const AT_ONCE = 50;

describe('a service whose log nobody reads', () => {
  it('answers, and ends when it is told to', async () => {
    const folder = await temporaryFolder('pullgate-unread-log-');
    const port = await freePort();
    const server = spawn(process.execPath, [MAIN, 'serve'], {
      cwd: folder.path,
      env: { PATH: process.env['PATH'], PULLGATE_HTTP_LISTEN: `127.0.0.1:${port}` },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    async function status(path: string): Promise<number | null> {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`).catch(() => null);
      return answer && answer.status;
    }
    await eventually(
      'the service answers',
      async () => await status('/-/liveness'),
      (seen) => seen === 200,
    );

    for (let asked = 0; asked < REQUESTS; asked += AT_ONCE) {
      const paths = Array.from({ length: AT_ONCE }, (_, number) => `/token?scope=${number}`);
      await Promise.all(paths.map(status));
    }
    const liveness = await status('/-/liveness');
    server.kill('SIGTERM');
    const ended = await once(server, 'exit');
    server.stdout.destroy();
    await folder.remove();

    expect(liveness).to.equal(200);
    expect(ended).to.deep.equal([0, null]);
  });
});

describe('the command line, in a pipe that nobody reads', () => {
  it('does its work and does not crash', async () => {
    const folder = await temporaryFolder('pullgate-closed-output-');
    const options = {
      cwd: folder.path,
      env: { PATH: process.env['PATH'] ?? '', HOME: folder.path },
    };
    const pipe = '"$0" "$1" project create tanuki/app | true; exit "${PIPESTATUS[0]}"';

    await run(process.execPath, [MAIN, 'migrate'], options);
    const created = await run('bash', ['-c', pipe, process.execPath, MAIN], options);
    const list = await run(process.execPath, [MAIN, 'project', 'list'], options);
    await folder.remove();

    expect(created.stderr).to.equal('');
    expect(created.code).to.equal(0);
    expect(list.stdout).to.include('tanuki/app');
  });
});
