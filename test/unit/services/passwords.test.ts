import { hash as argon2 } from '@node-rs/argon2';
import { expect } from 'chai';
import { Secret } from '../../../src/credentials.js';
import { createPasswords, PASSWORD_COST } from '../../../src/services/passwords.js';
import { LOW_COST, passwords } from '../../support/passwords.js';

const PASSWORD = new Secret('correct horse battery');
const TOKEN_PREFIX = 'gldt-';
const TURN = { goesFirst: false };

describe('passwords', () => {
  it('cost what OWASP asks for, unless a test lowers it: 19 MiB, two passes, one lane', async () => {
    const hash = await createPasswords().hash(PASSWORD, TOKEN_PREFIX);

    expect(PASSWORD_COST).to.deep.equal({ memoryCost: 19 * 1024, timeCost: 2, parallelism: 1 });
    expect(hash).to.match(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  it('are recognised whatever their hash cost', async () => {
    const hash = await passwords.hash(PASSWORD, TOKEN_PREFIX);
    const dearer = createPasswords({ ...LOW_COST, timeCost: 2 });

    expect(hash).to.match(/^\$argon2id\$v=19\$m=8,t=1,p=1\$/);
    expect(await dearer.isPassword(PASSWORD, hash, TURN)).to.equal(true);
    expect(await dearer.isPassword(new Secret('correct horse'), hash, TURN)).to.equal(false);
  });

  // A Mac and a phone may send one and the same "ë" as one character or as two.
  it('are the same however their accents are written, also those of before', async () => {
    const [composed, apart] = ['zoë zoë zoë', 'zoe\u0308 zoe\u0308 zoe\u0308'];
    const asTyped = await argon2(apart, LOW_COST);

    for (const [set, typed] of [
      [composed, apart],
      [apart, composed],
    ] as const) {
      const known = await passwords.hash(new Secret(set), TOKEN_PREFIX);
      expect(await passwords.isPassword(new Secret(typed), known, TURN)).to.equal(true);
    }
    expect(await passwords.isPassword(new Secret(apart), asTyped, TURN)).to.equal(true);
    expect(await passwords.isPassword(new Secret('zoe zoe zoe'), asTyped, TURN)).to.equal(false);
  });

  it('fit nobody who has none', async () => {
    expect(await passwords.isPassword(PASSWORD, null, TURN)).to.equal(false);
  });
});
