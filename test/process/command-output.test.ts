import { expect } from 'chai';
import { Writable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { contextOf } from '../../src/cli/context.js';

const TURNS = 100;

/** As many texts as are asked for. */
async function* texts(asked: string[]): AsyncGenerator<string> {
  for (let number = 0; number < TURNS; number += 1) {
    asked.push(await Promise.resolve(`${number}\n`));
    yield 'x'.repeat(1000);
  }
}

describe('what a command writes at length', () => {
  let accept: (() => void) | null;
  let stdout: Writable;

  beforeEach(() => {
    accept = null;
    stdout = new Writable({
      highWaterMark: 1,
      write(_chunk, _encoding, done) {
        accept = done;
      },
    });
  });

  function context(): ReturnType<typeof contextOf> {
    const { env, stdin, stderr } = process;
    return contextOf({ env, stdin, stderr, stdout });
  }

  it('is made no faster than it is read', async () => {
    const asked: string[] = [];
    const written = context().writeAll(texts(asked));
    for (let turn = 0; turn < TURNS; turn += 1) {
      await nextTurn();
    }
    const unread = asked.length;
    while (asked.length < TURNS || stdout.writableLength > 0) {
      accept?.();
      await nextTurn();
    }
    await written;

    expect(unread).to.be.below(5);
    expect(asked).to.have.lengthOf(TURNS);
  });

  it('ends where the reader has seen enough', async () => {
    const asked: string[] = [];
    const written = context().writeAll(texts(asked));
    await nextTurn();
    stdout.destroy(Object.assign(new Error('closed'), { code: 'EPIPE' }));
    await written;

    expect(asked.length).to.be.below(TURNS);
  });
});
