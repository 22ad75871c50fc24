import { createHash } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { z } from 'zod';
import {
  annotatedTag,
  history,
  importInto,
  newGitClient,
  references,
  type GitClient,
} from '../support/git-client.js';
import { pullgate } from '../support/pullgate-process.js';
import {
  runOrThrow,
  temporaryFolder,
  type RunResult,
  type TemporaryFolder,
} from '../support/run.js';

const PATH = 'tanuki/adopted';
const NOBODY = '65534:65534';

describe('pullgate project adopt', () => {
  let home: TemporaryFolder;
  let client: GitClient;
  let source: string;

  beforeEach(async () => {
    home = await temporaryFolder('pullgate-adopt');
    client = await newGitClient();
    source = join(client.folder, 'source.git');
    await client.git(['init', '--quiet', '--bare', '--initial-branch=trunk', source]);
    await cli('migrate');
  });

  afterEach(async () => {
    await client.remove();
    await home.remove();
  });

  async function cli(...args: string[]): Promise<RunResult> {
    return await pullgate(args, { cwd: home.path });
  }

  async function adopt(from = source, path = PATH): Promise<RunResult> {
    return await cli('project', 'adopt', path, '--from', from, '--json');
  }

  async function fill(): Promise<void> {
    await importInto(
      source,
      Buffer.concat([
        history({ branch: 'trunk', commits: 5 }),
        history({ branch: 'topic', commits: 2 }),
        Buffer.from(
          annotatedTag('v1').replaceAll('main', 'trunk') +
            references(['refs/tags/light', 'refs/notes/commits'], 'refs/heads/trunk'),
        ),
      ]),
    );
  }

  /** The folder of the repository that was made. */
  async function adopted(result: RunResult): Promise<string> {
    expect(result.code, result.output).to.equal(0);
    const { id } = z.object({ id: z.int() }).parse(JSON.parse(result.stdout));
    return join(home.path, 'data', 'git', `${id}.git`);
  }

  it('takes over history, branches, tags, notes and the branch of HEAD', async () => {
    await fill();

    const repository = await adopted(await adopt());

    expect(await refsOf(repository)).to.equal(await refsOf(source));
    expect(await headOf(repository)).to.equal('ref: refs/heads/trunk\n');
    await client.git(['--git-dir', repository, 'fsck', '--full', '--strict']);
  });

  it('points HEAD at a branch that is there when that of the source names none', async () => {
    await importInto(source, history({ branch: 'master', commits: 1 }));

    const repository = await adopted(await adopt());

    expect(await headOf(repository)).to.equal('ref: refs/heads/master\n');
  });

  describe('with Git LFS objects', () => {
    const content = Buffer.from('a large file');
    const oid = createHash('sha256').update(content).digest('hex');
    const place = join('lfs', 'objects', oid.slice(0, 2), oid.slice(2, 4));

    async function objectInSource(put: (file: string) => Promise<void>): Promise<void> {
      await fill();
      await mkdir(join(source, place), { recursive: true });
      await put(join(source, place, oid));
    }

    it('takes them along', async () => {
      await objectInSource(async (file) => {
        await writeFile(file, content);
      });

      const repository = await adopted(await adopt());

      expect(await readFile(join(repository, place, oid))).to.deep.equal(content);
    });

    it('refuses a damaged one, and makes no project', async () => {
      await objectInSource(async (file) => {
        await writeFile(file, 'something else');
      });

      const { code, stderr } = await adopt();

      expect(code).to.equal(1);
      expect(stderr).to.contain('is damaged');
      expect((await cli('project', 'show', PATH)).code).to.equal(1);
    });

    // The attack: somebody has a repository adopted whose objects are links to files of Pullgate's.
    it('follows no link', async () => {
      const secret = join(home.path, 'secret');
      await writeFile(secret, content);
      await objectInSource(async (file) => {
        await symlink(secret, file);
      });

      const repository = await adopted(await adopt());

      expect(await readdir(repository)).not.to.include('lfs');
    });
  });

  it('leaves the source as it was', async () => {
    await fill();
    const before = await fingerprint(source);

    await adopted(await adopt());

    expect(await fingerprint(source)).to.deep.equal(before);
  });

  // The attack: a repository that somebody else prepared, with programs in its hooks and its
  // configuration. Neither to be adopted nor to be served may it run them.
  it('takes neither hooks nor configuration, and runs none of them', async () => {
    await fill();
    const mark = join(client.folder, 'mark');
    const program = join(client.folder, 'program');
    await writeFile(program, `#!/bin/sh\necho "$0 $*" >> '${mark}'\ncat\n`);
    await chmod(program, 0o755);
    await mkdir(join(source, 'hooks'), { recursive: true });
    for (const hook of ['post-checkout', 'reference-transaction', 'post-receive', 'pre-receive']) {
      await symlink(program, join(source, 'hooks', hook));
    }
    for (const setting of [
      'uploadpack.packObjectsHook',
      'core.fsmonitor',
      'core.sshCommand',
      'core.alternateRefsCommand',
      'core.pager',
      'alias.upload-pack',
      'alias.rev-parse',
    ]) {
      await client.git(['config', '--file', join(source, 'config'), setting, program]);
    }
    await client.git(['config', '--file', join(source, 'config'), 'core.hooksPath', 'hooks']);

    const repository = await adopted(await adopt());

    expect(await readFile(mark, 'utf8').catch(() => 'not run')).to.equal('not run');
    expect(await readdir(repository)).not.to.include('hooks');
    expect(await readFile(join(repository, 'config'), 'utf8')).not.to.contain(program);
  });

  it('gives its history to a project that is empty', async () => {
    await fill();
    await cli('project', 'create', PATH, '--visibility', 'internal');

    const result = await adopt();

    expect(await refsOf(await adopted(result))).to.equal(await refsOf(source));
    expect(JSON.parse(result.stdout)).to.include({ path: PATH, visibility: 'internal' });
  });

  it('makes a private project where there is none', async () => {
    await fill();

    const result = await adopt();

    expect(JSON.parse(result.stdout)).to.include({ path: PATH, visibility: 'private' });
  });

  it('follows a symbolic link to the source', async () => {
    await fill();
    const link = join(client.folder, 'link');
    await symlink(source, link);

    const repository = await adopted(await adopt(link));

    expect(await refsOf(repository)).to.equal(await refsOf(source));
  });

  it('takes a source that is named relative to the working folder', async () => {
    await fill();
    await symlink(source, join(home.path, '-source.git'));

    const repository = await adopted(await adopt('./-source.git'));

    expect(await refsOf(repository)).to.equal(await refsOf(source));
  });

  // Only root can give files away.
  if (process.getuid?.() === 0) {
    it('takes a source that belongs to another user', async () => {
      await fill();
      await runOrThrow('chown', ['-R', NOBODY, source]);

      const repository = await adopted(await adopt());

      expect(await refsOf(repository)).to.equal(await refsOf(source));
    });
  }

  it('takes an empty source', async () => {
    const repository = await adopted(await adopt());

    expect(await refsOf(repository)).to.equal('');
  });

  it('takes a source whose HEAD names a branch that does not exist', async () => {
    await fill();
    await client.git(['--git-dir', source, 'symbolic-ref', 'HEAD', 'refs/heads/gone']);

    const repository = await adopted(await adopt());

    expect(await refsOf(repository)).to.equal(await refsOf(source));
  });

  it('takes a source whose HEAD is a commit', async () => {
    await fill();
    await client.git(['--git-dir', source, 'update-ref', '--no-deref', 'HEAD', 'refs/heads/topic']);

    const repository = await adopted(await adopt());

    expect(await headOf(repository)).to.equal('ref: refs/heads/topic\n');
  });

  describe('refuses in one line', () => {
    // Somebody has a repository adopted that is theirs, and that borrows the objects of one that is not,
    // by a file in it or by a link in the place of its objects. Whoever adopts it may read both, and the
    // copy would hold the other's history.
    it('a repository that borrows objects from another', async () => {
      await fill();
      const borrower = join(client.folder, 'borrower.git');
      await client.git(['clone', '--quiet', '--bare', '--shared', source, borrower]);

      expectOneLine(await adopt(borrower), `${borrower} borrows objects of other repositories`);
    });

    it('a repository whose objects are a link to those of another', async () => {
      await fill();
      const linked = join(client.folder, 'linked.git');
      await client.git(['init', '--quiet', '--bare', linked]);
      await rm(join(linked, 'objects'), { recursive: true });
      await symlink(join(source, 'objects'), join(linked, 'objects'));

      expectOneLine(await adopt(linked), `${linked}/objects is no folder: it could lead anywhere.`);
    });

    it('a folder that is no repository', async () => {
      const result = await adopt(home.path);

      expectOneLine(result, `${home.path} is no git repository.`);
    });

    it('a folder that does not exist', async () => {
      const result = await adopt('/nonexistent');

      expectOneLine(result, '/nonexistent is no git repository.');
    });

    it('a file', async () => {
      const file = join(client.folder, 'file');
      await writeFile(file, '');

      const result = await adopt(file);

      expectOneLine(result, `${file} is no git repository.`);
    });

    it('a repository with a working tree, and tells how to make a bare one', async () => {
      const tree = join(client.folder, 'tree');
      await client.git(['init', '--quiet', tree]);

      const result = await adopt(join(tree, '.git'));

      expectOneLine(result, 'is no bare repository. Make one of it first: git clone --mirror');
    });

    it('the working tree of a repository', async () => {
      const tree = join(client.folder, 'tree');
      await client.git(['init', '--quiet', tree]);

      const result = await adopt(tree);

      expectOneLine(result, tree);
    });

    it('a damaged source', async () => {
      await fill();
      const bare = ['--git-dir', source];
      const commit = await client.git([...bare, 'rev-parse', 'trunk~2']);
      await runOrThrow('rm', ['-f', join(source, 'objects', commit.slice(0, 2), commit.slice(2))]);

      const result = await adopt();

      expectOneLine(result, 'pullgate: ');
    });

    it('a project that has a history already', async () => {
      await fill();
      await adopted(await adopt());

      const result = await adopt();

      expectOneLine(result, `${PATH} has a history of its own already.`);
    });

    it('a path that no project may have', async () => {
      await fill();

      const result = await adopt(source, 'api/../x');

      expectOneLine(result, 'project path');
    });

    it('without leaving a project behind', async () => {
      await adopt(home.path);

      const { stdout } = await cli('project', 'list', '--json');

      expect(JSON.parse(stdout)).to.deep.equal([]);
      expect(await readdir(join(home.path, 'data', 'git')).catch(() => [])).to.deep.equal([]);
    });
  });
});

async function refsOf(repository: string): Promise<string> {
  const { stdout } = await runOrThrow('git', [
    '-c',
    'safe.directory=*',
    '--git-dir',
    repository,
    'for-each-ref',
    '--format=%(refname) %(objectname)',
  ]);
  return stdout;
}

async function headOf(repository: string): Promise<string> {
  return await readFile(join(repository, 'HEAD'), 'utf8');
}

/** Of every file in the folder, its name and content. */
async function fingerprint(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const lines = files.map(async (file) => {
    const path = join(file.parentPath, file.name);
    return `${path} ${createHash('sha256')
      .update(await readFile(path))
      .digest('hex')}`;
  });
  return (await Promise.all(lines)).toSorted();
}

function expectOneLine({ code, stdout, stderr }: RunResult, text: string): void {
  expect(stderr).to.contain(text);
  expect(stderr).to.match(/^pullgate: [^\n]+\n$/);
  expect(stdout).to.equal('');
  expect(code).to.equal(1);
}
