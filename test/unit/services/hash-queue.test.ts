import { expect } from 'chai';
import { AppError } from '../../../src/access/errors.js';
import { createHashQueue, type HashQueue } from '../../../src/services/hash-queue.js';

const FIRST = { goesFirst: true };
const LAST = { goesFirst: false };

describe('the queue of password hashes', () => {
  let inTurn: HashQueue;
  let order: string[];
  /** What ends each that runs. */
  let running: Map<string, () => void>;

  beforeEach(() => {
    inTurn = createHashQueue();
    order = [];
    running = new Map();
  });

  async function hash(name: string, turn = LAST): Promise<string> {
    const done = inTurn(turn, async () => {
      order.push(name);
      await new Promise<void>((resolve) => running.set(name, resolve));
      return 'hashed';
    });
    return await done.catch((error: unknown) =>
      error instanceof AppError ? error.code : String(error),
    );
  }

  it('runs two at a time, in order', async () => {
    const all = ['a', 'b', 'c'].map(async (name) => await hash(name));
    expect(order).to.deep.equal(['a', 'b']);

    running.get('b')?.();
    await all[1];

    expect(order).to.deep.equal(['a', 'b', 'c']);
  });

  it('has whoever is known wait for no stranger that waits', async () => {
    const all = ['a', 'b', 'stranger'].map(async (name) => await hash(name));
    void hash('known', FIRST);
    running.get('a')?.();
    await all[0];

    expect(order).to.deep.equal(['a', 'b', 'known']);
  });

  it('turns away what it has no room for, and has room for those who are known', async () => {
    const strangers = Array.from({ length: 67 }, async (_, i) => await hash(`guess ${i}`));
    void hash('known', FIRST);

    expect(await strangers[66]).to.equal('unavailable');
    running.get('guess 0')?.();
    await strangers[0];
    expect(order.at(-1)).to.equal('known');
  });

  it('lets nobody wait for long', async () => {
    inTurn = createHashQueue(1);
    void hash('a');
    void hash('b');

    expect(await hash('late')).to.equal('unavailable');
    expect(order).to.deep.equal(['a', 'b']);
  });

  it('goes on after one that fails', async () => {
    const failing = inTurn(LAST, async () => await Promise.reject(new Error('no memory')));
    expect(await failing.catch(String)).to.equal('Error: no memory');
    const all = ['a', 'b'].map(async (name) => await hash(name));
    for (const name of order) {
      running.get(name)?.();
    }

    expect(await Promise.all(all)).to.deep.equal(['hashed', 'hashed']);
  });
});
