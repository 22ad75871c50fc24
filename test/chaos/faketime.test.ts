import { X509Certificate } from 'node:crypto';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { decodeProtectedHeader } from 'jose';
import { z } from 'zod';
import { libfaketime } from '../support/libfaketime.js';
import { pullgate } from '../support/pullgate-process.js';
import { eventually } from '../support/run.js';
import { askByGet, send, tokenAnswer, type Login } from '../support/token-client.js';
import { newLedger, prepareVictim, type Victim } from './victim.js';

const NOTHING = '+0';
const A_YEAR_AHEAD = '+400d';

const Header = z.object({ x5c: z.tuple([z.string()]) });

describe('a clock that the whole process sees jump', () => {
  let victim: Victim;
  let clockFile: string;

  before(async () => {
    victim = await prepareVictim();
    clockFile = join(victim.folder, 'faketime');
    await setClock(NOTHING);
  });

  after(async () => {
    await victim?.end();
  });

  async function setClock(shift: string): Promise<void> {
    await writeFile(clockFile, `${shift}\n`);
  }

  function fakeClock(): NodeJS.ProcessEnv {
    return {
      // The one for programs with several threads.
      LD_PRELOAD: libfaketime('libfaketimeMT.so.1'),
      FAKETIME_TIMESTAMP_FILE: clockFile,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
  }

  /** The leaf that the service signs with. */
  async function leafInUse(login: Login): Promise<X509Certificate> {
    const { token } = tokenAnswer('GET', await askByGet(victim.origin, { login }));
    const [leaf] = Header.parse(decodeProtectedHeader(token)).x5c;
    return new X509Certificate(Buffer.from(leaf, 'base64'));
  }

  async function readiness(): Promise<unknown> {
    return (await send(victim.origin, { method: 'GET', target: '/-/readiness' })).body;
  }

  it('leaves the service with a key that the registry takes, whatever was rotated and removed meanwhile', async () => {
    await victim.start(fakeClock());
    const ledger = newLedger();
    await ledger.writeOne(await victim.signIn());
    const login = ledger.newest();

    await setClock(A_YEAR_AHEAD);
    await eventually('a leaf of the future', async () => await leafInUse(login), isOfTheFuture);
    // What is no longer valid by that clock goes: the only leaf that is valid in truth.
    await removeLeavesOfNow();
    const rotated = await pullgate(['keys', 'rotate'], { cwd: victim.folder, env: fakeClock() });
    expect(rotated.code, rotated.output).to.equal(0);
    await setClock(NOTHING);
    await eventually(
      'a leaf of now',
      async () => await leafInUse(login),
      (one) => !isOfTheFuture(one),
    );
    const leaf = await leafInUse(login);

    expect(Date.parse(leaf.validFrom)).to.be.lessThan(Date.now());
    expect(Date.parse(leaf.validTo)).to.be.greaterThan(Date.now());
    expect(await readiness()).to.include({ keys: 'ok' });
    await victim.stop();
    await victim.start();
    expect(isOfTheFuture(await leafInUse(login))).to.equal(false);
    expect(await ledger.countLost(victim.origin)).to.equal(0);
  });

  async function removeLeavesOfNow(): Promise<void> {
    const year = new Date().toISOString().slice(0, 4);
    const certs = join(victim.folder, 'certs');
    const leaves = (await readdir(certs)).filter((file) => file.startsWith(`leaf-${year}`));
    await Promise.all(leaves.map(async (file) => await rm(join(certs, file))));
  }
});

function isOfTheFuture({ validFrom }: X509Certificate): boolean {
  return Date.parse(validFrom) > Date.now();
}
