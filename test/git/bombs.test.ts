import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { expect } from 'chai';
import { newMember } from '../doors/app-data.js';
import {
  cloneUrl,
  history,
  importInto,
  newGitClient,
  packetLine,
  type GitClient,
} from '../support/git-client.js';
import { basic, send, type Answer, type Login } from '../support/token-client.js';
import { withApp } from '../support/with-app.js';
import { emptyProject, type StoredProject } from './git-data.js';

const MEGABYTE = 1024 * 1024;
const BASE_BYTES = 16 * MEGABYTE - 1;
const COPIES = 64;
/** What one git may have of an object, by default. */
const LARGEST_OBJECT = 256 * MEGABYTE;

describe('a push of something that unpacks to very much', () => {
  const app = withApp();
  let client: GitClient;
  let stored: StoredProject;
  let login: Login;

  before(async () => {
    client = await newGitClient();
  });

  after(async () => {
    await client.remove();
  });

  beforeEach(async () => {
    stored = await emptyProject(app);
    ({ login } = await newMember(app, stored.project, 'developer'));
  });

  async function push(pack: Buffer, id: string): Promise<Answer> {
    const command = `${'0'.repeat(40)} ${id} refs/tags/bomb\0 report-status`;
    return await send(app.origin, {
      method: 'POST',
      target: `/${stored.project.path}.git/git-receive-pack`,
      headers: {
        authorization: basic(login),
        'content-type': 'application/x-git-receive-pack-request',
      },
      body: Buffer.concat([Buffer.from(`${packetLine(command)}0000`), pack]),
    });
  }

  // 16 kB: sixteen megabytes of zeros, and a difference to them that says “the same again, 64 times”.
  // git made a gigabyte of it in memory, three with another difference on top, and took the push. A few
  // of these at once end whatever else runs on the machine.
  it('of 16 kB to a gigabyte is refused before it takes the memory', async () => {
    const { pack, id } = bomb();

    const answer = await push(pack, id);

    expect(pack.length).to.be.within(16_000, 17_000);
    expect(answer.text).to.match(/unpack (?!ok)/);
    expect(answer.text).to.contain('ng refs/tags/bomb');
  });

  it('of a harmless size is taken', async () => {
    const { pack, id } = bomb(1);

    expect((await push(pack, id)).text).to.contain('unpack ok');
  });

  it('is taken when it is a file, of more than git may hold', async () => {
    const bare = `${client.folder}/large.git`;
    await client.git(['init', '--quiet', '--bare', '--initial-branch=main', bare]);
    const files = { 'large.bin': Buffer.alloc(LARGEST_OBJECT + MEGABYTE) };
    await importInto(bare, history({ commits: 1, files }));
    const url = cloneUrl(app.origin, `${stored.project.path}.git`, login);

    await client.git(['--git-dir', bare, 'push', '--quiet', url, 'main']);

    const size = ['--git-dir', stored.repository, 'cat-file', '-s', 'main:large.bin'];
    expect(await client.git(size)).to.equal(String(LARGEST_OBJECT + MEGABYTE));
  });
}).timeout(120_000);

/** A pack of two objects, see gitformat-pack(5), and the id of the first. */
function bomb(copies = COPIES): { readonly pack: Buffer; readonly id: string } {
  const base = Buffer.alloc(BASE_BYTES);
  const id = createHash('sha1').update(`blob ${base.length}\0`).update(base).digest('hex');
  const copyAll = Buffer.from([0xf0, 0xff, 0xff, 0xff]);
  const delta = Buffer.concat([
    varint(base.length),
    varint(base.length * copies),
    ...Array.from({ length: copies }, () => copyAll),
  ]);
  const BLOB = 3;
  const REFERENCE_DELTA = 7;
  const pack = Buffer.concat([
    Buffer.from('PACK\0\0\0\x02\0\0\0\x02', 'latin1'),
    entryHead(BLOB, base.length),
    deflateSync(base, { level: 9 }),
    entryHead(REFERENCE_DELTA, delta.length),
    Buffer.from(id, 'hex'),
    deflateSync(delta),
  ]);
  return { pack: Buffer.concat([pack, createHash('sha1').update(pack).digest()]), id };
}

function varint(value: number): Buffer {
  const bytes = [];
  let rest = value;
  for (; rest > 0x7f; rest >>>= 7) {
    bytes.push(0x80 | (rest & 0x7f));
  }
  return Buffer.from([...bytes, rest]);
}

/** Its type, and how long it is unpacked: four bits of it stand beside the type. */
function entryHead(type: number, size: number): Buffer {
  const first = (type << 4) | (size & 0xf);
  return size <= 0xf
    ? Buffer.from([first])
    : Buffer.concat([Buffer.from([0x80 | first]), varint(size >>> 4)]);
}
