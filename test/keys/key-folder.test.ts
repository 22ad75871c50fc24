import { expect } from 'chai';
import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { issueLeaf, makeCaCertificate } from '../../src/keys/certificate.js';
import {
  isRenewable,
  KeyError,
  keyFolderFingerprint,
  loadKeys,
  prepareKeys,
  rotateKeys,
} from '../../src/keys/key-folder.js';
import { writeRsaCa } from '../support/rsa-ca.js';
import {
  contentOf,
  DAY,
  emptyFolder,
  failureOf,
  HOUR,
  later,
  leavesIn,
  preparedFolder,
  SECOND,
  START,
  type TestFolder,
} from './certs-folder.js';

async function modeOf(dir: string, file: string): Promise<number> {
  return (await stat(join(dir, file))).mode & 0o777;
}

/** With a leaf of a year later, and the clock right again. */
async function jumpedFolder(): Promise<TestFolder> {
  const folder = await preparedFolder();
  folder.time = later(START, 400 * DAY);
  await prepareKeys(folder);
  folder.time = later(START, DAY);
  return folder;
}

describe('the key folder', () => {
  describe('at the first start', () => {
    it('is made, with a CA and a leaf that nobody else may read', async () => {
      const parent = await emptyFolder();
      const folder = { ...parent, dir: join(parent.dir, 'not', 'there', 'yet') };

      const { keys, hasCaKey } = await prepareKeys(folder);

      const files = [...(await contentOf(folder.dir)).keys()];
      expect(files).to.deep.equal(['ca.crt', 'ca.key', 'leaf-20310301T120000000Z-es256.pem']);
      expect(await modeOf(folder.dir, 'ca.key')).to.equal(0o600);
      expect(await modeOf(folder.dir, '.')).to.equal(0o700);
      expect(await modeOf(folder.dir, 'leaf-20310301T120000000Z-es256.pem')).to.equal(0o600);
      expect(keys).to.have.lengthOf(1);
      expect(hasCaKey).to.equal(true);
    });

    it('has no private key in ca.crt, which goes to the registry', async () => {
      const { dir } = await preparedFolder();

      const text = await readFile(join(dir, 'ca.crt'), 'utf8');

      expect(text.match(/-----BEGIN .*-----/g)).to.deep.equal(['-----BEGIN CERTIFICATE-----']);
    });

    it('holds one CA, however many replicas start at once', async () => {
      const folder = await emptyFolder();

      const all = await Promise.all([1, 2, 3, 4].map(async () => await prepareKeys(folder)));

      const ca = new X509Certificate(await readFile(join(folder.dir, 'ca.crt')));
      const caKey = createPrivateKey(await readFile(join(folder.dir, 'ca.key')));
      expect(ca.checkPrivateKey(caKey)).to.equal(true);
      for (const { keys } of all) {
        const leaf = new X509Certificate(Buffer.from(keys[0].x5c[0] ?? '', 'base64'));
        expect(leaf.verify(ca.publicKey)).to.equal(true);
      }
    });

    it('is finished by the next start where the first one died half-way', async () => {
      const prepared = await preparedFolder();
      const folder = await emptyFolder();
      await rename(join(prepared.dir, 'ca.key'), join(folder.dir, 'ca.key'));

      await prepareKeys(folder);

      const ca = new X509Certificate(await readFile(join(folder.dir, 'ca.crt')));
      const caKey = createPrivateKey(await readFile(join(folder.dir, 'ca.key')));
      expect(ca.checkPrivateKey(caKey)).to.equal(true);
      // It waits three seconds for the process that may still be at it.
    }).timeout(10_000);

    it('is left without drafts by replicas that start at once', async () => {
      const folder = await preparedFolder();
      await Promise.all(
        (await leavesIn(folder.dir)).map(async (leaf) => {
          await rm(join(folder.dir, leaf));
        }),
      );

      await Promise.all([1, 2, 3, 4].map(async () => await prepareKeys(folder)));

      const files = [...(await contentOf(folder.dir)).keys()];
      expect(
        files.filter((file) => !/^(ca\.crt|ca\.key|leaf-\w+-es256\.pem)$/.test(file)),
      ).to.deep.equal([]);
    });

    it('is refused in a KeyError where it cannot be made', async () => {
      const parent = await emptyFolder();
      await writeFile(join(parent.dir, 'file'), '');
      const dir = join(parent.dir, 'file', 'certs');

      const failure = await failureOf(prepareKeys({ ...parent, dir }));

      expect(failure).to.be.instanceOf(KeyError);
      expect(failure.message).to.contain(`The certs folder ${dir} cannot be written`);
    });
  });

  describe('at a later start', () => {
    it('stays as it is, byte for byte', async () => {
      const folder = await preparedFolder();
      const before = await contentOf(folder.dir);
      folder.time = later(START, 30 * DAY);

      await prepareKeys(folder);

      expect(await contentOf(folder.dir)).to.deep.equal(before);
    });

    it('gives the same key', async () => {
      const folder = await preparedFolder();

      const [first, second] = [await prepareKeys(folder), await prepareKeys(folder)];

      expect(second.keys[0].libtrustKid).to.equal(first.keys[0].libtrustKid);
      expect(second.fingerprint).to.equal(first.fingerprint);
    });

    it('gets a new leaf when another algorithm is configured, and keeps the old one', async () => {
      const folder = await preparedFolder();
      const before = await prepareKeys(folder);
      folder.algorithm = 'RS256';

      const { keys } = await prepareKeys(folder);

      expect(keys.map(({ algorithm }) => algorithm)).to.deep.equal(['RS256', 'ES256']);
      expect(keys[1]?.libtrustKid).to.equal(before.keys[0].libtrustKid);
    });

    it('goes on with the old algorithm where there is no CA key', async () => {
      const folder = await preparedFolder();
      await rm(join(folder.dir, 'ca.key'));
      folder.algorithm = 'RS256';

      const { keys } = await prepareKeys(folder);

      expect(keys.map(({ algorithm }) => algorithm)).to.deep.equal(['ES256']);
    });

    for (const [daysLeft, title, leaves] of [
      [61, 'keeps a leaf that has 61 days left', 1],
      [59, 'gets a new leaf when the last has 59 days left', 2],
    ] as const) {
      it(title, async () => {
        const folder = await preparedFolder();
        folder.time = later(START, (365 - daysLeft) * DAY);

        const { keys } = await prepareKeys(folder);

        expect(keys).to.have.lengthOf(leaves);
        expect(await leavesIn(folder.dir)).to.have.lengthOf(leaves);
      });
    }

    it('gets a new leaf when the last is expired, and signs with that alone', async () => {
      const folder = await preparedFolder();
      folder.time = later(START, 400 * DAY);

      const { keys } = await prepareKeys(folder);

      expect(keys).to.have.lengthOf(1);
      expect(keys[0].notAfter).to.deep.equal(later(folder.time, 365 * DAY));
    });
  });

  describe('with the RSA CA of an earlier version', () => {
    it('keeps that CA, and issues its leaves', async () => {
      const folder = await emptyFolder();
      await writeRsaCa(folder.dir, START);
      const before = await contentOf(folder.dir);

      await prepareKeys(folder);
      const { keys } = await rotateKeys(folder);

      const ca = new X509Certificate(await readFile(join(folder.dir, 'ca.crt')));
      const after = await contentOf(folder.dir);
      expect([...after].filter(([file]) => before.has(file))).to.deep.equal([...before]);
      expect(ca.publicKey.asymmetricKeyType).to.equal('rsa');
      expect(keys.map(({ algorithm }) => algorithm)).to.deep.equal(['ES256', 'ES256']);
      for (const { x5c } of keys) {
        const leaf = new X509Certificate(Buffer.from(x5c[0] ?? '', 'base64'));
        expect(leaf.verify(ca.publicKey)).to.equal(true);
      }
    });
  });

  describe('without the CA key', () => {
    it('is enough for as long as there is a valid leaf', async () => {
      const folder = await preparedFolder();
      await rm(join(folder.dir, 'ca.key'));

      const { keys, hasCaKey } = await prepareKeys(folder);

      expect(keys).to.have.lengthOf(1);
      expect(hasCaKey).to.equal(false);
    });

    it('is refused once the leaf is expired, with what to do', async () => {
      const folder = await preparedFolder();
      await rm(join(folder.dir, 'ca.key'));
      folder.time = later(START, 365 * DAY);

      const failure = await failureOf(prepareKeys(folder));

      expect(failure).to.be.instanceOf(KeyError);
      expect(failure.message).to.contain(folder.dir).and.to.contain('pullgate keys rotate');
    });

    it('is taken until the last second of the leaf', async () => {
      const folder = await preparedFolder();
      await rm(join(folder.dir, 'ca.key'));
      folder.time = later(START, 365 * DAY - SECOND);

      const { keys } = await prepareKeys(folder);

      expect(keys).to.have.lengthOf(1);
    });

    it('cannot be rotated, and says which file is missing', async () => {
      const folder = await preparedFolder();
      await rm(join(folder.dir, 'ca.key'));

      const failure = await failureOf(rotateKeys(folder));

      expect(failure).to.be.instanceOf(KeyError);
      expect(failure.message).to.contain(join(folder.dir, 'ca.key'));
    });
  });

  describe('rotated', () => {
    it('has a new key, and the old one for tokens that are still alive', async () => {
      const folder = await preparedFolder();
      const before = await loadKeys(folder);
      folder.time = later(START, DAY);

      const { keys } = await rotateKeys(folder);

      expect(keys).to.have.lengthOf(2);
      expect(keys[0].libtrustKid).not.to.equal(before.keys[0].libtrustKid);
      expect(keys[1]?.libtrustKid).to.equal(before.keys[0].libtrustKid);
    });

    it('keeps every file that was there, the CA among them', async () => {
      const folder = await preparedFolder();
      const before = await contentOf(folder.dir);

      await rotateKeys(folder);

      const after = await contentOf(folder.dir);
      expect([...after].filter(([file]) => before.has(file))).to.deep.equal([...before]);
      expect(after.size).to.equal(before.size + 1);
    });

    it('has another fingerprint', async () => {
      const folder = await preparedFolder();
      const before = await keyFolderFingerprint(folder.dir);

      const { fingerprint } = await rotateKeys(folder);

      expect(fingerprint).not.to.equal(before);
      expect(await keyFolderFingerprint(folder.dir)).to.equal(fingerprint);
    });

    for (const [title, step] of [
      ['while the clock stands still', 0],
      ['after the clock went back', -5 * 60 * SECOND],
    ] as const) {
      it(`signs with the newest leaf ${title}`, async () => {
        const folder = await preparedFolder();
        const seen = [(await loadKeys(folder)).keys[0].libtrustKid];
        for (let i = 0; i < 3; i += 1) {
          folder.time = later(folder.time, step);
          seen.unshift((await rotateKeys(folder)).keys[0].libtrustKid);
        }

        const { keys } = await loadKeys(folder);

        expect(keys.map(({ libtrustKid }) => libtrustKid)).to.deep.equal(seen);
        expect(new Set(seen).size).to.equal(4);
      });
    }

    it('drops a leaf that has ended, more than two hours after the next one was made', async () => {
      const folder = await preparedFolder();
      const [oldest] = await leavesIn(folder.dir);
      folder.time = later(START, 365 * DAY);
      await rotateKeys(folder);
      folder.time = later(START, 365 * DAY + 2 * HOUR + SECOND);

      await rotateKeys(folder);

      const leaves = await leavesIn(folder.dir);
      expect(leaves).to.have.lengthOf(2);
      expect(leaves).not.to.include(oldest);
    });

    it('keeps a leaf for two hours after the next one was made, however old it is', async () => {
      const folder = await preparedFolder();
      const [oldest] = await leavesIn(folder.dir);
      folder.time = later(START, 365 * DAY);
      await rotateKeys(folder);
      folder.time = later(START, 365 * DAY + 2 * HOUR);

      await rotateKeys(folder);

      const leaves = await leavesIn(folder.dir);
      expect(leaves).to.have.lengthOf(3);
      expect(leaves).to.include(oldest);
    });

    it('drops none that is valid now, however long it has not been in use', async () => {
      const folder = await preparedFolder();
      for (const days of [100, 200, 300]) {
        folder.time = later(START, days * DAY);
        await rotateKeys(folder);
      }

      expect(await leavesIn(folder.dir)).to.have.lengthOf(4);
    });

    it('gets a CA first where there is none', async () => {
      const prepared = await preparedFolder();
      const folder = await emptyFolder();
      await rename(join(prepared.dir, 'ca.crt'), join(folder.dir, 'ca.crt'));
      await rename(join(prepared.dir, 'ca.key'), join(folder.dir, 'ca.key'));

      const { keys } = await rotateKeys(folder);

      expect(keys).to.have.lengthOf(1);
    });
  });

  describe('by a clock that was ahead', () => {
    it('signs with the leaf that is valid now, and not with the newest', async () => {
      const folder = await jumpedFolder();

      const { keys, leaves } = await prepareKeys(folder);

      expect(keys.map(({ notBefore }) => notBefore)).to.deep.equal([later(START, -HOUR)]);
      expect(leaves).to.have.lengthOf(2);
    });

    it('issues a new leaf where the one that was valid is gone', async () => {
      const folder = await jumpedFolder();
      await rm(join(folder.dir, (await leavesIn(folder.dir))[0] ?? ''));

      const { keys } = await prepareKeys(folder);

      expect(keys.map(({ notAfter }) => notAfter)).to.deep.equal([later(folder.time, 365 * DAY)]);
    });

    it('refuses to start where none is valid now and there is no CA key', async () => {
      const folder = await jumpedFolder();
      await rm(join(folder.dir, (await leavesIn(folder.dir))[0] ?? ''));
      await rm(join(folder.dir, 'ca.key'));

      expect(await failureOf(prepareKeys(folder))).to.be.instanceOf(KeyError);
    });

    it('keeps the leaves of the future and of now in a rotation', async () => {
      const folder = await jumpedFolder();
      const before = await leavesIn(folder.dir);
      folder.time = later(START, 2 * DAY);

      const { keys } = await rotateKeys(folder);

      expect(await leavesIn(folder.dir)).to.include.members(before);
      expect(keys[0].notBefore).to.deep.equal(later(folder.time, -HOUR));
    });

    it('says so of a CA that was made then', async () => {
      const folder = await preparedFolder();
      folder.time = later(START, -DAY);

      const failure = await failureOf(prepareKeys(folder));

      expect(failure).to.be.instanceOf(KeyError);
      expect(failure.message).to.contain('Set the clock right').and.to.contain('new ca.crt');
    });
  });

  describe('with something wrong in it', () => {
    it('is refused for a damaged leaf, which is named', async () => {
      const folder = await preparedFolder();
      const file = join(folder.dir, (await leavesIn(folder.dir))[0] ?? '');
      const pem = await readFile(file, 'utf8');
      await writeFile(file, pem.slice(0, pem.length / 2));

      const failure = await failureOf(prepareKeys(folder));

      expect(failure).to.be.instanceOf(KeyError);
      expect(failure.message).to.contain(`${file} is damaged`);
    });

    it('goes on with a leaf that is not damaged, and names the one that is', async () => {
      const folder = await preparedFolder();
      const { keys: before } = await prepareKeys(folder);
      await rotateKeys(folder);
      const file = join(folder.dir, (await leavesIn(folder.dir)).at(-1) ?? '');
      await writeFile(file, 'no key');

      const { keys, damaged } = await prepareKeys(folder);

      expect(keys.map(({ libtrustKid }) => libtrustKid)).to.deep.equal([before[0].libtrustKid]);
      expect(damaged).to.have.lengthOf(1);
      expect(damaged[0]).to.contain(`${file} is damaged`);
    });

    it('is refused with another CA than the one that is known, and makes none', async () => {
      const folder = await preparedFolder();
      const knownCa = (await prepareKeys(folder)).caFingerprint;
      const other = { ...(await preparedFolder()), knownCa };
      const empty = { ...(await emptyFolder()), knownCa };

      const failures = [await failureOf(prepareKeys(other)), await failureOf(prepareKeys(empty))];

      expect((await prepareKeys({ ...folder, knownCa })).caFingerprint).to.equal(knownCa);
      for (const failure of failures) {
        expect(failure).to.be.instanceOf(KeyError);
        expect(failure.message).to.contain('pullgate keys accept-ca');
      }
      expect(await leavesIn(empty.dir)).to.deep.equal([]);
    });

    it('is refused for a leaf whose key and certificate are of two pairs', async () => {
      const folder = await preparedFolder();
      const file = join(folder.dir, (await leavesIn(folder.dir))[0] ?? '');
      const pem = await readFile(file, 'utf8');
      const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const certificate = pem.slice(pem.indexOf('-----BEGIN CERTIFICATE'));
      await writeFile(file, privateKey.export({ type: 'pkcs8', format: 'pem' }) + certificate);

      const failure = await failureOf(loadKeys(folder));

      expect(failure).to.be.instanceOf(KeyError);
      expect(failure.message).to.contain(file).and.to.contain('do not belong together');
    });

    it('tells no key in what it says about a damaged leaf', async () => {
      const folder = await preparedFolder();
      const file = join(folder.dir, (await leavesIn(folder.dir))[0] ?? '');
      const pem = await readFile(file, 'utf8');
      const secretLine = pem.split('\n')[1] ?? '';
      await writeFile(file, pem.replace('-----BEGIN CERTIFICATE-----', ''));

      const failure = await failureOf(loadKeys(folder));

      expect(secretLine).to.have.lengthOf.above(40);
      expect(failure.message).not.to.include(secretLine);
    });

    it('passes over a leaf of another CA', async () => {
      const folder = await preparedFolder();
      const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const privateKeyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
      const foreign = await issueLeaf(
        { privateKeyPem, certificatePem: makeCaCertificate(privateKeyPem, START) },
        'ES256',
        START,
      );
      await writeFile(
        join(folder.dir, 'leaf-20310302T000000000Z-es256.pem'),
        foreign.privateKeyPem + foreign.certificatePem,
      );

      const { keys } = await loadKeys(folder);

      const certificate = new X509Certificate(Buffer.from(keys[0].x5c[0] ?? '', 'base64'));
      expect(keys).to.have.lengthOf(1);
      expect(
        certificate.checkIssued(new X509Certificate(await readFile(join(folder.dir, 'ca.crt')))),
      ).to.equal(true);
    });

    it('is left alone where other files lie in it', async () => {
      const folder = await preparedFolder();
      for (const name of ['README', 'leaf-1.pem', 'leaf-20310301T120000000Z-es256.pem.1a2b.tmp']) {
        await writeFile(join(folder.dir, name), 'not a key');
      }

      const { keys } = await prepareKeys(folder);

      expect(keys).to.have.lengthOf(1);
      expect(await readFile(join(folder.dir, 'README'), 'utf8')).to.equal('not a key');
    });

    it('is refused for a damaged ca.crt, which is named', async () => {
      const folder = await preparedFolder();
      await writeFile(join(folder.dir, 'ca.crt'), 'no certificate');

      const failure = await failureOf(prepareKeys(folder));

      expect(failure).to.be.instanceOf(KeyError);
      expect(failure.message).to.contain(`${join(folder.dir, 'ca.crt')} is damaged`);
    });

    // Otherwise each try would leave another leaf that nobody trusts, and a ring near the end of its
    // key would try every other second.
    for (const [title, caKey] of [
      ['is damaged', () => 'no key'],
      [
        'belongs to another CA',
        () =>
          generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
            type: 'pkcs8',
            format: 'pem',
          }),
      ],
    ] as const) {
      it(`is not rotated while its ca.key ${title}`, async () => {
        const folder = await preparedFolder();
        const before = await leavesIn(folder.dir);
        await writeFile(join(folder.dir, 'ca.key'), caKey());

        const failure = await failureOf(rotateKeys(folder));

        expect(failure).to.be.instanceOf(KeyError);
        expect(failure.message).to.contain(join(folder.dir, 'ca.key'));
        expect(await leavesIn(folder.dir)).to.deep.equal(before);
      });
    }

    it('is refused without ca.crt by whoever only loads it', async () => {
      const folder = await preparedFolder();
      await rm(join(folder.dir, 'ca.crt'));

      const failure = await failureOf(loadKeys(folder));

      expect(failure).to.be.instanceOf(KeyError);
      expect(failure.message).to.contain(join(folder.dir, 'ca.crt'));
    });

    it('is refused once the CA is expired, with what to do', async () => {
      const folder = await preparedFolder();
      folder.time = later(START, 20 * 365.25 * DAY);

      const failure = await failureOf(prepareKeys(folder));

      expect(failure).to.be.instanceOf(KeyError);
      expect(failure.message)
        .to.contain(`${join(folder.dir, 'ca.crt')} expired`)
        .and.to.contain('give the registry the new ca.crt');
    });
  });
});

describe('isRenewable', () => {
  const cases = [
    [false, 'has 61 days left', 304, true],
    [true, 'has 59 days left', 306, true],
    [true, 'is expired', 400, true],
    [false, 'has 59 days left, where there is no CA key', 306, false],
  ] as const;

  for (const [expected, title, days, hasCaKey] of cases) {
    it(`says ${expected} of a leaf that ${title}`, async () => {
      const folder = await preparedFolder();
      const loaded = { ...(await loadKeys(folder)), hasCaKey };
      folder.time = later(START, days * DAY);

      expect(isRenewable(loaded, folder)).to.equal(expected);
    });
  }

  it('says false near the end of the CA, where a new leaf would live no longer', async () => {
    const folder = await preparedFolder();
    const { ca } = await loadKeys(folder);
    folder.time = later(ca.notAfter, -300 * DAY);
    const loaded = await rotateKeys(folder);
    folder.time = later(ca.notAfter, -30 * DAY);

    expect(isRenewable(loaded, folder)).to.equal(false);
  });
});
