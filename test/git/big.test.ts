import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { z } from 'zod';
import { history, importInto, newGitClient, type GitClient } from '../support/git-client.js';
import { pullgate, startPullgate, type OwnScript } from '../support/pullgate-process.js';
import { runOrThrow, temporaryFolder, type TemporaryFolder } from '../support/run.js';

const MEGABYTE = 1024 * 1024;
const COMMITS = 3000;
const BLOB_BYTES = 50 * MEGABYTE;
/** Far below the size of the blob times the number of clones, and above what a warm-up takes. */
const GROWTH_BYTES = 60 * MEGABYTE;
const AT_ONCE = 20;

const Token = z.object({ username: z.string(), token: z.string() });

describe('a large repository', () => {
  let home: TemporaryFolder;
  let client: GitClient;
  let service: OwnScript;
  let url: string;
  let blobHash: string;

  async function done(...args: string[]): Promise<string> {
    const { code, stdout, output } = await pullgate(args, { cwd: home.path });
    expect(code, output).to.equal(0);
    return stdout;
  }

  before(async () => {
    home = await temporaryFolder('pullgate-big');
    client = await newGitClient();
    const bare = join(client.folder, 'big.git');
    const blob = randomBytes(BLOB_BYTES);
    await client.git(['init', '--quiet', '--bare', '--initial-branch=main', bare]);
    await importInto(bare, history({ commits: COMMITS, files: { 'blob.bin': blob } }));
    blobHash = await client.git(['hash-object', '--stdin'], { input: blob });

    service = startPullgate(['serve'], {
      env: { PULLGATE_HTTP_LISTEN: '127.0.0.1:0' },
      cwd: home.path,
    });
    const line = await service.line((text) => text.includes('"msg":"listening"'));
    const { listen } = z.object({ listen: z.string() }).parse(JSON.parse(line));
    await done('project', 'adopt', 'tanuki/big', '--from', bare);
    const flags = ['--name', 'big', '--scopes', 'read_repository', '--json'];
    const { username, token } = Token.parse(
      JSON.parse(await done('deploy-token', 'create', 'tanuki/big', ...flags)),
    );
    url = `http://${username}:${token}@${listen}/tanuki/big.git`;
  });

  after(async () => {
    await service.stop();
    await client.remove();
    await home.remove();
  });

  /** The most memory that the service ever had, not counting the git programs that it runs. */
  async function peakBytes(): Promise<number> {
    const status = await readFile(`/proc/${service.pid}/status`, 'utf8');
    return Number(/^VmHWM:\s+(?<kilobytes>\d+) kB$/m.exec(status)?.groups?.['kilobytes']) * 1024;
  }

  async function expectWhole(folder: string): Promise<void> {
    const git = ['--git-dir', join(client.folder, folder)];
    expect(await client.git([...git, 'rev-list', '--count', 'main'])).to.equal(String(COMMITS));
    expect(await client.git([...git, 'rev-parse', 'main:blob.bin'])).to.equal(blobHash);
  }

  it('is cloned intact, and with the memory of the service flat', async () => {
    await client.git(['ls-remote', url]);
    const before = await peakBytes();

    for (const name of ['one', 'two', 'three', 'four']) {
      await client.git(['clone', '--quiet', '--bare', url, name]);
    }
    const after = await peakBytes();

    await expectWhole('one');
    await client.git(['--git-dir', join(client.folder, 'four'), 'fsck', '--full', '--strict']);
    expect(after - before).to.be.lessThan(GROWTH_BYTES);
  });

  it('is checked out with the very bytes that were put in', async () => {
    await client.git(['clone', '--quiet', '--depth', '1', url, 'tree']);

    expect(await client.git(['hash-object', 'blob.bin'], { in: 'tree' })).to.equal(blobHash);
  });

  it('is cloned by twenty clients at once, who all succeed', async () => {
    const names = Array.from({ length: AT_ONCE }, (_, index) => `at-once-${index}`);
    const before = await peakBytes();

    const results = await Promise.all(
      names.map(async (name) => await client.run(['clone', '--quiet', '--bare', url, name])),
    );
    const after = await peakBytes();

    expect(results.map(({ output }) => output)).to.deep.equal(names.map(() => ''));
    expect(results.map(({ code }) => code)).to.deep.equal(names.map(() => 0));
    await Promise.all(names.map(expectWhole));
    // A socket and a pipe each, but no pack.
    expect(after - before).to.be.lessThan(GROWTH_BYTES);
  });

  it('is pushed whole to an empty project, with the memory of the service flat', async () => {
    await done('project', 'create', 'tanuki/copy');
    const printed = await done('user', 'create', 'ada', '--json');
    const { password } = z.object({ password: z.string() }).parse(JSON.parse(printed));
    await done('member', 'add', 'tanuki/copy', 'ada', '--role', 'developer');
    const target = new URL('/tanuki/copy.git', url);
    target.username = 'ada';
    target.password = password;
    const git = ['--git-dir', join(client.folder, 'big.git')];
    const before = await peakBytes();

    await client.git([...git, 'push', '--quiet', target.href, 'main']);
    const after = await peakBytes();

    const stored = join(home.path, 'data', 'git', '2.git');
    const { stdout } = await runOrThrow('git', ['--git-dir', stored, 'rev-parse', 'main:blob.bin']);
    expect(stdout.trim()).to.equal(blobHash);
    expect(after - before).to.be.lessThan(GROWTH_BYTES);
  });
});
