import { EventEmitter, once } from 'node:events';
import { expect } from 'chai';
import { Secret } from '../../../src/credentials.js';
import {
  createCredentialLimits,
  type CredentialLimits,
  type PasswordAttempt,
} from '../../../src/services/credential-limits.js';
import { megabytesKeptBy } from '../../support/heap.js';

describe('the limits on passwords', () => {
  let limits: CredentialLimits;
  let comparisons = 0;

  beforeEach(() => {
    limits = createCredentialLimits();
    comparisons = 0;
  });

  async function isWrong(): Promise<boolean> {
    comparisons += 1;
    return await Promise.resolve(false);
  }

  it('have one wrong password compared once, and tell that it is a repetition', async () => {
    const first = await limits.compare(attemptOf(), isWrong);
    const second = await limits.compare(attemptOf(), isWrong);
    const capitals = await limits.compare(attemptOf({ username: 'ADA' }), isWrong);

    expect(first).to.deep.equal({ kind: 'wrong', isRepeat: false });
    for (const repetition of [second, capitals]) {
      expect(repetition).to.deep.equal({ kind: 'wrong', isRepeat: true });
    }
    expect(comparisons).to.equal(1);
  });

  it('have it compared again elsewhere, under another name and with another password', async () => {
    await limits.compare(attemptOf(), isWrong);
    for (const more of [
      { username: 'grace' },
      { address: '192.0.2.2' },
      { passwordHash: 'another hash' },
      { passwordHash: null },
      { secret: 'Wrong' },
    ]) {
      const comparison = await limits.compare(attemptOf(more), isWrong);
      expect(comparison).to.deep.equal({ kind: 'wrong', isRepeat: false });
    }

    expect(comparisons).to.equal(6);
  });

  it('have what comes while the same one is compared share its comparison', async () => {
    const events = new EventEmitter();
    const comparing = once(events, 'comparing');
    const all = Array.from(
      { length: 60 },
      async () =>
        await limits.compare(attemptOf(), async () => {
          comparisons += 1;
          events.emit('comparing');
          await once(events, 'compared');
          return true;
        }),
    );

    await comparing;
    events.emit('compared');

    const kinds = (await Promise.all(all)).map(({ kind }) => kind);
    expect(kinds).to.deep.equal(Array(60).fill('right'));
    expect(comparisons).to.equal(1);
  });

  it('count nothing for a comparison that failed', async () => {
    for (let i = 0; i < 20; i += 1) {
      const failing = limits.compare(attemptOf({ secret: `guess ${i}` }), async () => {
        return await Promise.reject(new Error('no memory'));
      });
      expect(await failing.catch(String)).to.equal('Error: no memory');
    }

    expect((await limits.compare(attemptOf(), isWrong)).kind).to.equal('wrong');
  });

  // Somebody has a /48, and so 65,536 networks of the size that is counted first. Without a bound each
  // guess from another one was kept for a quarter of an hour, 1.2 kB each. The /48 has a budget of its
  // own, and what it does not let through leaves nothing.
  it('keep nothing of what comes from one IPv6 /48 after its budget', async () => {
    const kinds = new Map<string, number>();
    const megabytes = await megabytesKeptBy(async () => {
      for (let i = 0; i < 20_000; i += 1) {
        const address = `2001:db8:1:${(i % 65_536).toString(16)}::1`;
        const attempt = attemptOf({ username: `user-${i}`, address });
        const { kind } = await limits.compare(attempt, isWrong);
        kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      }
    });

    expect(Object.fromEntries(kinds)).to.deep.equal({ wrong: 1000, 'too-many': 19_000 });
    expect(megabytes).to.be.at.most(3);
  }).timeout(60_000);
});

describe('the pace of wrong tokens', () => {
  it('holds back those of one network beyond hundreds a second, and those of no other', async () => {
    const { holdBack } = createCredentialLimits(undefined, () => 0);
    const order: string[] = [];
    async function refuse(address: string): Promise<void> {
      await holdBack({ door: 'registry', address, requestId: null });
      order.push(address);
    }

    const flood = Array.from({ length: 310 }, async () => await refuse('192.0.2.1'));
    const other = Array.from({ length: 90 }, async () => await refuse('192.0.2.2'));
    await Promise.all([...flood, ...other]);

    expect(order).to.have.lengthOf(400);
    expect(order.slice(-9)).to.deep.equal(Array(9).fill('192.0.2.1'));
  });
});

interface Parts {
  readonly username?: string;
  readonly secret?: string;
  readonly address?: string;
  readonly passwordHash?: string | null;
}

function attemptOf(parts: Parts = {}): PasswordAttempt {
  const { username = 'ada', secret = 'wrong', address = '192.0.2.1' } = parts;
  const { passwordHash = 'a hash' } = parts;
  return {
    credentials: { username, secret: new Secret(secret) },
    origin: { door: 'registry', address, requestId: null },
    passwordHash,
  };
}
