import { expect } from 'chai';
import { z } from 'zod';
import type { Stores } from '../../src/store/open-store.js';
import { newCommandLine, type CommandLine } from '../support/command-line.js';

/** Two full pages of the command line and a third one. */
const MANY = 2003;
const FILL_MS = 120_000;
const AT = new Date('2026-01-01T00:00:00Z');
const NUMBERS = Array.from({ length: MANY }, (_, index) => index + 1);

const Rows = z.array(z.looseObject({ id: z.int() }));

describe('lists of the command line that are longer than a page', () => {
  let cli: CommandLine;

  before(async function start() {
    this.timeout(FILL_MS);
    cli = await newCommandLine();
    await cli.inside(async ({ store }) => {
      await store.write(fill);
    });
  });

  after(async () => {
    await cli.remove();
  });

  async function run(...argv: string[]): Promise<{ readonly exit: number; readonly out: string }> {
    const { code, stdout, stderr } = await cli.run(argv, { now: () => AT });
    expect(stderr).to.equal('');
    return { exit: code, out: stdout };
  }

  for (const [command, expected] of [
    ['user list', MANY],
    ['project list', MANY],
    ['member list a/p0001', MANY],
    ['access-token list user-1', MANY],
    ['deploy-token list a/p0001', MANY - 1],
    ['deploy-token list a/p0001 --all', MANY],
  ] as const) {
    it(`are one JSON array of everything: ${command}`, async () => {
      const { exit, out } = await run(...command.split(' '), '--json');

      const rows = Rows.parse(JSON.parse(out));
      expect(exit).to.equal(0);
      expect(out).to.match(/^\[\{.*\}\]\n$/);
      expect(rows).to.have.lengthOf(expected);
      expect(new Set(rows.map(({ id }) => id)).size).to.equal(expected);
    });
  }

  it('are one table, under one head, whose columns never get narrower', async () => {
    const { out } = await run('project', 'list');

    const lines = out.trimEnd().split('\n');
    expect(lines).to.have.lengthOf(MANY + 1);
    expect(lines[0]).to.match(
      /^ID {4}PATH {5}VISIBILITY {2}DEFAULT_BRANCH {2}ARCHIVED {2}CREATED_AT$/,
    );
    expect(lines[1]).to.match(/^1 {5}a\/p0001 {2}private {5}main {12}false {5}2026/);
    expect(lines[MANY]).to.match(/^2003 {2}a\/p2003 {2}private {5}main {12}false {5}2026/);
  });

  it('have the last uses of their deploy tokens, on every page', async () => {
    const { out } = await run('deploy-token', 'list', 'a/p0001', '--all', '--json');

    const used = Rows.parse(JSON.parse(out)).map((row) => row['last_used_at']);
    expect(new Set(used)).to.deep.equal(new Set([AT.toISOString()]));
  });

  it('are a line for each event, the latest first: audit export', async () => {
    const { exit, out } = await run('audit', 'export', '--project', 'a/p0001');

    const subjects = out
      .trimEnd()
      .split('\n')
      .map((line) => z.object({ subject: z.string() }).parse(JSON.parse(line)).subject);
    expect(exit).to.equal(0);
    expect(subjects).to.deep.equal(NUMBERS.map(String).toReversed());
  });

  it('say in words that there is nothing, and in JSON with an empty array', async () => {
    expect(await run('member', 'list', 'a/p0002')).to.deep.equal({
      exit: 0,
      out: 'a/p0002 has no members yet.\n',
    });
    expect(await run('member', 'list', 'a/p0002', '--json')).to.deep.equal({
      exit: 0,
      out: '[]\n',
    });
  });
});

/** All that is listed belongs to the first project and to the first user. */
async function fill(stores: Stores): Promise<void> {
  const { users, projects, members, accessTokens, deployTokens, deployTokenUses } = stores;
  for (const number of NUMBERS) {
    const username = `user-${number}`;
    const user = { username, displayName: username, passwordHash: null, isAdmin: false };
    const { id: userId } = await users.add({ ...user, createdAt: AT });
    const path = `a/p${String(number).padStart(4, '0')}`;
    await projects.add({ path, visibility: 'private', createdAt: AT });
    await members.set({ kind: 'project', id: 1 }, userId, 'guest');
    const token = { name: 'ci', expiresAt: null, createdAt: AT };
    const ofUser = { ...token, userId: 1, scopes: ['api'] } as const;
    await accessTokens.add({ ...ofUser, secretDigest: digest(number) });
    const scopes = ['read_registry'] as const;
    const ofProject = {
      ...token,
      owner: { kind: 'project', id: 1 },
      only: null,
      scopes,
      username: null,
      createdBy: null,
    } as const;
    const { id } = await deployTokens.add({ ...ofProject, secretDigest: digest(number) });
    const use = { deployTokenId: id, usedAt: AT, door: 'git', address: '', userAgent: '' } as const;
    await deployTokenUses.put([{ ...use, repository: null, fault: null }]);
    await stores.auditEvents.add({
      at: AT,
      action: 'member_set',
      actorId: null,
      actor: '',
      projectId: 1,
      projectPath: 'a/p0001',
      namespaceId: null,
      namespacePath: null,
      subjectId: null,
      subject: String(number),
      detail: '',
      origin: { door: 'cli', address: null, requestId: null },
    });
  }
  await deployTokens.revoke(MANY, AT, null);
}

function digest(number: number): Buffer {
  const bytes = Buffer.alloc(32);
  bytes.writeUInt32BE(number);
  return bytes;
}
