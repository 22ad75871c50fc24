import { expect } from 'chai';
import { memo } from '../../src/memo.js';
import { endOfAMegabyte, megabytesKeptBy } from '../support/heap.js';

describe('memo', () => {
  it('makes the same of a text only once, and another of another', () => {
    const made: string[] = [];
    const make = memo(
      (text) => {
        made.push(text);
        return { text };
      },
      { atMost: 10 },
    );

    const first = make('a');
    const second = make('b');

    expect(make('a')).to.equal(first);
    expect([first.text, second.text]).to.deep.equal(['a', 'b']);
    expect(made).to.deep.equal(['a', 'b']);
  });

  it('throws what is thrown, each time', () => {
    let calls = 0;
    const make = memo<object>(
      () => {
        calls += 1;
        throw new Error(`call ${calls}`);
      },
      { atMost: 10 },
    );

    expect(() => make('a')).to.throw('call 1');
    expect(() => make('a')).to.throw('call 2');
  });

  it('keeps a bounded number, and is right about all of them', () => {
    const make = memo((text) => ({ text }), { atMost: 10 });
    const texts = Array.from({ length: 25 }, (_, number) => `text ${number}`);
    const first = make('text 0');

    const made = [...texts, ...texts].map((text) => make(text).text);

    expect(made).to.deep.equal([...texts, ...texts]);
    expect(make('text 0')).not.to.equal(first);
  });

  it('keeps nothing of a long text', () => {
    const make = memo((text) => ({ text }), { atMost: 10 });
    const long = 'x'.repeat(513);

    expect(make(long)).not.to.equal(make(long));
    expect(make(long).text).to.equal(long);
  });

  it('keeps the text, and not what it was cut out of', async () => {
    const make = memo((text) => ({ tail: text.slice(-20) }), { atMost: 1000 });

    const kept = await megabytesKeptBy(() => {
      for (let number = 0; number < 20; number += 1) {
        make(endOfAMegabyte(`scope=repository:tanuki/app-${number}:pull`));
      }
    });

    expect(kept).to.be.below(5);
  });
});
