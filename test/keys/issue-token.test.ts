import { expect } from 'chai';
import { decodeJwt } from 'jose';
import { prepareKeys, rotateKeys, type LoadedKeys } from '../../src/keys/key-folder.js';
import {
  tokenIssuer,
  type Granted,
  type IssueToken,
  type TokenIssuerOptions,
} from '../../src/registry/issue-token.js';
import { endOfAMegabyte, megabytesKeptBy } from '../support/heap.js';
import { later, preparedFolder, SECOND, START, type TestFolder } from './certs-folder.js';

function granted(overrides: Partial<Granted> = {}): Granted {
  return {
    subject: 'deploy-token:7',
    access: [{ type: 'repository', name: 'tanuki/awesome_project', actions: ['pull'] }],
    credentialsExpireAt: null,
    ...overrides,
  };
}

describe('tokenIssuer', () => {
  let folder: TestFolder;
  let loaded: LoadedKeys;

  beforeEach(async () => {
    folder = await preparedFolder();
    loaded = await prepareKeys(folder);
  });

  function issuer(overrides: Partial<TokenIssuerOptions> = {}): IssueToken {
    return tokenIssuer({
      issuer: 'pullgate',
      audience: 'container_registry',
      ttlSeconds: 300,
      reuseSeconds: 5,
      signingKey: () => loaded.keys[0],
      now: folder.now,
      ...overrides,
    });
  }

  it('hands the same JWT to the same grant for as long as it may, and a new one then', () => {
    const issue = issuer();

    const first = issue(granted());
    folder.time = later(START, 5 * SECOND - 1);
    const again = issue(granted());
    folder.time = later(START, 5 * SECOND);
    const anew = issue(granted());

    expect(again.jwt).to.equal(first.jwt);
    expect(anew.jwt).not.to.equal(first.jwt);
    expect(anew.issuedAt).to.equal(later(START, 5 * SECOND).toISOString());
  });

  it('counts the time from the signature, not from the last time it was handed out', () => {
    const issue = issuer();
    const first = issue(granted());

    folder.time = later(START, 3 * SECOND);
    issue(granted());
    folder.time = later(START, 6 * SECOND);

    expect(issue(granted()).jwt).not.to.equal(first.jwt);
  });

  const differences: readonly (readonly [what: string, overrides: Partial<Granted>])[] = [
    ['another subject', { subject: 'deploy-token:8' }],
    ['less access', { access: [] }],
    [
      'another repository',
      { access: [{ type: 'repository', name: 'tanuki/other', actions: ['pull'] }] },
    ],
    [
      'another action',
      { access: [{ type: 'repository', name: 'tanuki/awesome_project', actions: ['push'] }] },
    ],
    ['another end of the credentials', { credentialsExpireAt: later(START, 100 * SECOND) }],
  ];
  for (const [what, overrides] of differences) {
    it(`signs a JWT of its own for ${what}`, () => {
      const issue = issuer();
      const first = issue(granted());

      const other = issue(granted(overrides));

      expect(other.jwt).not.to.equal(first.jwt);
      expect(decodeJwt(other.jwt)).to.deep.include({
        sub: overrides.subject ?? granted().subject,
        access: overrides.access ?? granted().access,
      });
    });
  }

  it('signs with a new key at once', async () => {
    const issue = issuer();
    const before = issue(granted());

    loaded = await rotateKeys(folder);
    const after = issue(granted());

    expect(after.jwt.split('.')[0]).to.equal(loaded.keys[0].jwtHeader);
    expect(after.jwt.split('.')[0]).not.to.equal(before.jwt.split('.')[0]);
  });

  it('signs every JWT anew when it reuses for 0 seconds', () => {
    const issue = issuer({ reuseSeconds: 0 });

    expect(issue(granted()).jwt).not.to.equal(issue(granted()).jwt);
  });

  it('hands out nothing of the future when the clock is set back', () => {
    const issue = issuer();
    const first = issue(granted());

    folder.time = later(START, -1);

    expect(issue(granted()).jwt).not.to.equal(first.jwt);
  });

  it('never hands out what outlives the credentials', () => {
    const issue = issuer();
    const end = later(START, 90 * SECOND);

    const first = issue(granted({ credentialsExpireAt: end }));
    folder.time = later(START, 4 * SECOND);
    const again = issue(granted({ credentialsExpireAt: end }));

    expect(again.jwt).to.equal(first.jwt);
    expect(again.expiresAt).to.deep.equal(end);
    expect(decodeJwt(again.jwt).exp).to.equal(end.getTime() / SECOND);
  });

  it('keeps what was granted, and not the request that it stood in', async () => {
    const issue = issuer();

    const kept = await megabytesKeptBy(() => {
      for (let number = 0; number < 20; number += 1) {
        const name = endOfAMegabyte(`tanuki/application-${number}`);
        issue(granted({ access: [{ type: 'repository', name, actions: ['pull'] }] }));
      }
    });

    expect(kept).to.be.below(5);
  });

  it('keeps nothing of a grant of dozens of names, however often it comes', () => {
    const issue = issuer();
    const access = Array.from({ length: 30 }, (_, number) => ({
      type: 'repository',
      name: `tanuki/application-${number}`,
      actions: ['pull'],
    }));

    const first = issue(granted({ access }));
    const again = issue(granted({ access }));

    expect(again.jwt).not.to.equal(first.jwt);
    expect(again.scopes).to.deep.equal(first.scopes);
  });

  it('keeps a bounded number: with thousands of others since, it is signed anew', () => {
    const issue = issuer();
    const first = issue(granted());
    const recent = issue(granted({ subject: 'recent' }));

    for (let number = 0; number < 4095; number += 1) {
      issue(granted({ subject: `other-${number}` }));
    }

    expect(issue(granted({ subject: 'recent' })).jwt).to.equal(recent.jwt);
    expect(issue(granted()).jwt).not.to.equal(first.jwt);
  }).timeout(10_000);
});
