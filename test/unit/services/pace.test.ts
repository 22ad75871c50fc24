import { expect } from 'chai';
import { createPace, type Pace } from '../../../src/services/pace.js';

describe('createPace', () => {
  let time = 0;

  function pace(atMost = 10): Pace {
    time = 0;
    return createPace({ perSecond: 100, longestMs: 5000, atMost, clock: () => time });
  }

  it("lets a second's worth pass at once, then each in its turn", () => {
    const all = waits(pace(), 103);

    expect(new Set(all.slice(0, 100))).to.deep.equal(new Set([0]));
    expect(all.slice(100)).to.deep.equal([10, 20, 30]);
  });

  it('holds back none of those that keep to the rate', () => {
    const kept = pace();
    const all = Array.from({ length: 1000 }, () => {
      time += 10;
      return kept.next('a');
    });

    expect(new Set(all)).to.deep.equal(new Set([0]));
  });

  it('lets pass again after a rest', () => {
    const kept = pace();
    waits(kept, 200);
    time += 2000;

    expect(new Set(waits(kept, 100))).to.deep.equal(new Set([0]));
  });

  it('lets nobody wait longer than the longest, however many there are', () => {
    expect(Math.max(...waits(pace(), 10_000))).to.equal(5000);
  });

  it('holds back no other key', () => {
    const kept = pace();
    waits(kept, 1000);

    expect(kept.next('b')).to.equal(0);
  });

  it('remembers no more keys than its bound', () => {
    const kept = pace();
    for (let i = 0; i < 10_000; i += 1) {
      kept.next(`network ${i}`);
    }

    expect(kept.size()).to.equal(10);
  });
});

function waits({ next }: Pace, times: number): number[] {
  return Array.from({ length: times }, () => Math.round(next('a')));
}
