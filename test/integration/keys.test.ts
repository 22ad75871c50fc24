import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { decodeProtectedHeader } from 'jose';
import { z } from 'zod';
import { pushTinyImage } from '../support/image.js';
import { describeWithEachRegistry } from '../support/each-registry.js';
import { saysListening, startInstallation, type Installation } from '../support/installation.js';
import { credsOf, skopeo } from '../support/skopeo.js';
import { send, type Login } from '../support/token-client.js';

const PROJECT = 'tanuki/awesome_project';
const MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
const LOOPS = 4;
/** What each loop pulls before the rotation, and after it has seen the new key. */
const PULLS = 10;
/** Ten times as long as a server may take. */
const ROTATION_DEADLINE_MS = 20_000;

const Header = z.object({ kid: z.string(), alg: z.string(), x5c: z.tuple([z.string()]) });
const ShownKeys = z.object({
  kid: z.string(),
  algorithm: z.enum(['ES256', 'RS256']),
  days_left: z.int().positive(),
  ca_key: z.enum(['present', 'absent']),
  earlier_keys: z.int(),
});
type ShownKeys = z.infer<typeof ShownKeys>;

interface Pull {
  readonly kid: string;
  readonly alg: string;
  /** Of the registry's answer; 200 is a manifest. */
  readonly status: number;
}

describeWithEachRegistry('signing keys', (stock) => {
  let installation: Installation;
  let token: Login;

  before(async () => {
    installation = await startInstallation({ algorithm: 'RS256', registry: stock });
    await installation.addProject(PROJECT);
    const developer = await installation.addMemberWithToken('ada', PROJECT, 'developer');
    token = await installation.addDeployToken(PROJECT);
    await pushTinyImage({
      registry: `http://${installation.host}`,
      repository: PROJECT,
      tag: '1',
      token: async (scope) => await installation.jwt(developer, scope),
    });
  });

  after(async () => {
    await installation.stop();
  });

  /** A token for this one pull, and the manifest with it. */
  async function pull(): Promise<Pull> {
    const jwt = await installation.jwt(token, `repository:${PROJECT}:pull`);
    const { kid, alg } = Header.parse(decodeProtectedHeader(jwt));
    const { status } = await send(`http://${installation.host}`, {
      method: 'GET',
      target: `/v2/${PROJECT}/manifests/1`,
      headers: { authorization: `Bearer ${jwt}`, accept: MANIFEST },
    });
    return { kid, alg, status };
  }

  /** Pulls one after the other until it has seen the next key for a while. */
  async function pullAcrossRotation(oldKid: string, rotate: () => Promise<void>): Promise<Pull[]> {
    const patience = AbortSignal.timeout(ROTATION_DEADLINE_MS);
    const pulls: Pull[] = [];
    let rotation: Promise<void> | null = null;
    let withNewKey = 0;
    while (withNewKey < PULLS) {
      patience.throwIfAborted();
      const done = await pull();
      pulls.push(done);
      withNewKey += done.kid === oldKid ? 0 : 1;
      if (pulls.length === PULLS) {
        rotation = rotate();
      }
    }
    await rotation;
    return pulls;
  }

  async function skopeoPull(): Promise<string> {
    const flags = ['--tls-verify=false', '--creds', credsOf(token)];
    const address = `docker://${installation.host}/${PROJECT}:1`;
    const home = join(installation.folder, 'home');
    const { code, output } = await skopeo(home, ['inspect', ...flags, address]);
    return code === 0 ? 'pulled' : output;
  }

  async function shownKeys(command: 'show' | 'rotate', algorithm?: string): Promise<ShownKeys> {
    const env = algorithm === undefined ? {} : { PULLGATE_SIGNING_ALGORITHM: algorithm };
    const { code, output, stdout } = await installation.cli(['keys', command, '--json'], { env });
    expect(code, output).to.equal(0);
    return ShownKeys.parse(JSON.parse(stdout));
  }

  /** Every file of the certs folder: its content, and when it was written. */
  async function keyFiles(): Promise<Map<string, string>> {
    const folder = join(installation.folder, 'certs');
    const files = new Map<string, string>();
    const names = (await readdir(folder)).filter((name) => name !== 'database-mark.json');
    for (const name of names.toSorted()) {
      const digest = createHash('sha256').update(await readFile(join(folder, name)));
      const { mtimeMs, mode } = await stat(join(folder, name));
      files.set(name, [digest.digest('hex'), mtimeMs, (mode & 0o777).toString(8)].join(' '));
    }
    return files;
  }

  for (const [from, to] of [
    ['RS256', 'RS256'],
    ['RS256', 'ES256'],
    ['ES256', 'ES256'],
  ] as const) {
    it(`are rotated from ${from} to ${to} under load, and not one pull fails`, async () => {
      const before = await pull();
      let rotation: Promise<ShownKeys> | null = null;
      let skopeoPulls: Promise<string[]> = Promise.resolve([]);

      const loops = await Promise.all(
        Array.from({ length: LOOPS }, async () => {
          return await pullAcrossRotation(before.kid, async () => {
            // The first loop that is ready rotates for all of them.
            if (rotation === null) {
              rotation = shownKeys('rotate', to);
              skopeoPulls = inTurn([skopeoPull, skopeoPull, skopeoPull, skopeoPull]);
            }
            await rotation;
          });
        }),
      );

      const after = await shownKeys('show', to);
      expect(before.alg).to.equal(from);
      expect(after.algorithm).to.equal(to);
      for (const pulls of loops) {
        expect(pulls.filter(({ status }) => status !== 200)).to.deep.equal([]);
        expect(keysInOrder(pulls)).to.deep.equal([`${from} ${before.kid}`, `${to} ${after.kid}`]);
      }
      expect(await skopeoPulls).to.deep.equal(['pulled', 'pulled', 'pulled', 'pulled']);
      // One start of the service. Nobody would start the registry again: without it, pulls fail.
      expect(installation.service().lines().filter(saysListening)).to.have.lengthOf(1);
    });
  }

  it('of before a rotation stay good for the JWTs that they signed', async () => {
    const jwt = await installation.jwt(token, `repository:${PROJECT}:pull`);
    const { kid } = Header.parse(decodeProtectedHeader(jwt));

    await shownKeys('rotate', 'ES256');

    const answer = await send(`http://${installation.host}`, {
      method: 'GET',
      target: `/v2/${PROJECT}/manifests/1`,
      headers: { authorization: `Bearer ${jwt}`, accept: MANIFEST },
    });
    expect((await shownKeys('show', 'ES256')).kid).not.to.equal(kid);
    expect(answer.status).to.equal(200);
  });

  it('are shown with the days that are left of them and with how many came before', async () => {
    const before = await shownKeys('show', 'ES256');

    const rotated = await shownKeys('rotate', 'ES256');

    expect(rotated.kid).not.to.equal(before.kid);
    expect(rotated.earlier_keys).to.equal(before.earlier_keys + 1);
    expect(rotated.ca_key).to.equal('present');
  });

  it('are readable for nobody else, but for the certificate that the registry needs', async () => {
    const files = await keyFiles();

    for (const [name, state] of files) {
      expect(state.split(' ').at(-1), name).to.equal(name === 'ca.crt' ? '644' : '600');
    }
    expect([...files.keys()]).to.include.members(['ca.crt', 'ca.key']);
  });

  it('are left as they are by a second start', async () => {
    await shownKeys('rotate', 'ES256');
    const before = await keyFiles();

    await installation.restartService({ PULLGATE_SIGNING_ALGORITHM: 'ES256' });

    expect(await keyFiles()).to.deep.equal(before);
    expect((await pull()).status).to.equal(200);
  });

  it('never stand in the log of the service', () => {
    expect(installation.serviceLog()).not.to.match(/PRIVATE|eyJ/);
  });
});

async function inTurn<T>(works: readonly (() => Promise<T>)[]): Promise<T[]> {
  const results: T[] = [];
  for (const work of works) {
    results.push(await work());
  }
  return results;
}

/** The keys that signed, without repetitions in a row. */
function keysInOrder(pulls: readonly Pull[]): string[] {
  const signed = pulls.map(({ alg, kid }) => `${alg} ${kid}`);
  return signed.filter((key, index) => key !== signed[index - 1]);
}
