import { expect } from 'chai';
import { AppError } from '../../../src/access/errors.js';
import { turns, type InTurn, type Turn } from '../../../src/store/turns.js';

const PATIENT_MS = 60_000;
const MAX_IN_FLIGHT = 20;

describe('turns of those who write', () => {
  let inTurn: InTurn;
  let done: string[];
  let open: () => void;

  beforeEach(async () => {
    inTurn = turns(PATIENT_MS);
    done = [];
    const gate = new Promise<void>((resolve) => (open = resolve));
    void inTurn({ actor: 'gate' }, async () => await gate);
    await Promise.resolve();
  });

  /** Waits behind what holds the first turn, and says when it ran. */
  async function write(name: string, turn: Turn): Promise<void> {
    await inTurn(turn, async () => {
      done.push(name);
      await Promise.resolve();
    });
  }

  function refusalOf(turn: Turn): Promise<unknown> {
    return write('refused', turn).then(
      () => null,
      (error: unknown) => error,
    );
  }

  it('go round by actor, each in the order of its own work', async () => {
    const waiting = [
      ...['a1', 'a2', 'a3'].map(async (name) => await write(name, { actor: 'a' })),
      ...['b1', 'b2'].map(async (name) => await write(name, { actor: 'b' })),
      write('c1', { actor: 'c' }),
    ];

    open();
    await Promise.all(waiting);

    expect(done).to.deep.equal(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
  });

  it('let the event loop turn in between, also where nothing is waited for', async () => {
    open();
    const job = (async () => {
      for (const name of ['first', 'second']) {
        await write(name, { actor: null });
      }
    })();
    setImmediate(() => done.push('a request'));
    await job;

    expect(done.slice(0, -1)).to.include('a request');
  });

  it('begin with what takes something away', async () => {
    const waiting = [
      write('a adds', { actor: 'a' }),
      write('b adds', { actor: 'b' }),
      write('a revokes', { actor: 'a', goesFirst: true }),
      write('b revokes', { actor: 'b', goesFirst: true }),
    ];

    open();
    await Promise.all(waiting);

    expect(done).to.deep.equal(['a revokes', 'b revokes', 'a adds', 'b adds']);
  });

  // The attack: one account writes hundreds of times at once, and everybody else's writes wait behind
  // it until they are given up: the administrator's revocation of that very account with them.
  // An actor has few writes under way, and whoever has one of them waits for no more than a round.
  it('are few for one actor at a time', async () => {
    const flood = Array.from(
      { length: MAX_IN_FLIGHT },
      async () => await write('a', { actor: 'a' }),
    );
    const refusal = await refusalOf({ actor: 'a' });
    const other = write('b', { actor: 'b' });

    open();
    await Promise.all([...flood, other]);

    expect(refusal).to.be.instanceOf(AppError).with.property('code', 'rate_limited');
    expect(done.indexOf('b')).to.equal(1);
    expect(await refusalOf({ actor: 'a' })).to.equal(null);
  });

  it('are any number for Pullgate itself', async () => {
    const writes = Array.from({ length: 50 }, async () => await write('own', { actor: null }));

    open();
    await Promise.all(writes);

    expect(done).to.have.lengthOf(50);
  });

  it('are given back by work that fails', async () => {
    open();
    const failures = await Promise.all(
      Array.from({ length: MAX_IN_FLIGHT }, async () => {
        const failing = inTurn({ actor: 'a' }, async () => await Promise.reject(new Error('no')));
        return await failing.catch((error: unknown) => error);
      }),
    );

    expect(failures.every((error) => error instanceof Error)).to.equal(true);
    expect(await refusalOf({ actor: 'a' })).to.equal(null);
  });
});
