import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { Secret } from '../../src/credentials.js';
import { run, temporaryFolder, type RunResult, type TemporaryFolder } from '../support/run.js';
import { searchFor } from './secret-search.js';

const SEARCH_LOGS = fileURLToPath(new URL('search-logs.js', import.meta.url));
const SECRET = Secret.generate('gldt-').reveal();
const PASSWORD = 'correct horse battery';

describe('the search for secrets in logs', () => {
  const search = searchFor([SECRET, PASSWORD, `password of ${Secret.generate().reveal()}`]);

  const leaks: readonly (readonly [how: string, line: string])[] = [
    ['as it is', `{"msg":"request","path":"/x${SECRET}"}`],
    ['with words and spaces', `{"error":"wrong: ${PASSWORD}"}`],
    ['in a form', 'grant_type=password&password=correct+horse+battery'],
    ['in an address', 'password=correct%20horse%20battery'],
    ...['a', 'ab', 'abc', 'deploy-token-17'].map(
      (username) =>
        [
          `as Basic credentials of ${username}`,
          Buffer.from(`${username}:${SECRET}`).toString('base64'),
        ] as const,
    ),
    ['in base64 with something behind it', Buffer.from(`ab${SECRET}xyz`).toString('base64url')],
    ['as a JWT', 'eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJwdWxsZ2F0ZSJ9.c2lnbmF0dXJlc2lnbmF0dXJl'],
    ['as a private key', '-----BEGIN PRIVATE KEY-----'],
    ['as a password hash', '$argon2id$v=19$m=19456'],
    ['in an Authorization header', '{"authorization":"Basic dXNlcjpwYXNzd29yZA=="}'],
  ];
  for (const [how, line] of leaks) {
    it(`finds a secret in whatever form it stands in a log: ${how}`, () => {
      expect(search.findIn(`{"msg":"listening"}\n${line}\n`)).to.have.lengthOf(1);
    });
  }

  it('does not tell the secret that it found', () => {
    expect(search.findIn(SECRET).join()).not.to.contain(SECRET);
  });

  it('finds nothing where nothing is', () => {
    const line = `{"requestId":"${crypto.randomUUID()}","path":"/tanuki/app.git/info/refs"}`;

    expect(search.findIn(line)).to.deep.equal([]);
  });

  it('lets the link for the first administrator pass in its own line, and nowhere else', () => {
    const link = `http://localhost:5080/-/setup/${SECRET}`;
    const msg = 'no administrator yet: open this link to create the first one';

    expect(search.findIn(JSON.stringify({ link, msg }))).to.deep.equal([]);
    expect(search.findIn(JSON.stringify({ link, msg: 'request' }))).to.have.lengthOf(1);
    expect(search.findIn(JSON.stringify({ link, msg, also: SECRET }))).to.have.lengthOf(1);
  });
});

describe('the last step of npm test', () => {
  let folder: TemporaryFolder;

  beforeEach(async () => {
    folder = await temporaryFolder('pullgate-evidence');
  });

  afterEach(async () => {
    await folder.remove();
  });

  async function searchLogs(files: Readonly<Record<string, string>>): Promise<RunResult> {
    for (const [name, text] of Object.entries(files)) {
      await writeFile(join(folder.path, name), text);
    }
    return await run(process.execPath, [SEARCH_LOGS, folder.path]);
  }

  it('fails for a planted secret, and names the file', async () => {
    const { code, stderr } = await searchLogs({
      'secrets-1': `${JSON.stringify(SECRET)}\n`,
      'log-1-1-service': '{"msg":"listening"}\n',
      'log-2-1-service': `{"msg":"request","path":"/${SECRET}"}\n`,
    });

    expect(code).to.equal(1);
    expect(stderr).to.contain('log-2-1-service').and.not.to.contain('log-1-1-service');
    expect(stderr).not.to.contain(SECRET);
  });

  it('succeeds where no log holds a secret, and says how much it searched', async () => {
    const { code, stdout } = await searchLogs({
      'secrets-1': `${JSON.stringify(SECRET)}\n`,
      'log-1-1-service': '{"msg":"listening"}\n',
    });

    expect(code).to.equal(0);
    expect(stdout).to.equal('Searched 1 logs for 1 secrets.\n');
  });

  it('fails where nothing was kept to search', async () => {
    const { code, stderr } = await searchLogs({});

    expect(code).to.equal(1);
    expect(stderr).to.contain('nothing was searched');
  });
});
