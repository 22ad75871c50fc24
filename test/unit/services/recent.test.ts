import { expect } from 'chai';
import { createRecent } from '../../../src/services/recent.js';

describe('createRecent', () => {
  let time = 0;

  beforeEach(() => {
    time = 0;
  });

  function recent(atMost = 4): ReturnType<typeof createRecent<number>> {
    return createRecent<number>({ milliseconds: 100, atMost, clock: () => time });
  }

  it('forgets a value after its time, however often it was changed', () => {
    const kept = recent();
    kept.set('a', 1);
    time = 99;
    kept.set('a', 2);
    const [before, left] = [kept.get('a'), kept.millisecondsLeft('a')];
    time = 100;

    expect([before, left]).to.deep.equal([2, 1]);
    expect([kept.get('a'), kept.millisecondsLeft('a')]).to.deep.equal([undefined, 0]);
  });

  it('gives a key that was forgotten a new time', () => {
    const kept = recent();
    kept.set('a', 1);
    time = 150;
    kept.set('a', 2);
    time = 249;

    expect(kept.get('a')).to.equal(2);
  });

  it('lets go of what has had its time as others come', () => {
    const kept = recent(100);
    for (const key of ['a', 'b', 'c', 'd']) {
      kept.set(key, 1);
      time += 100;
    }

    expect(kept.size()).to.equal(2);
  });

  it('keeps no more than its bound, the oldest go', () => {
    const kept = recent();
    const keys = ['a', 'b', 'c', 'd', 'e'];
    for (const key of ['a', ...keys]) {
      kept.set(key, 1);
    }

    expect(keys.filter((key) => kept.get(key) === 1)).to.deep.equal(['c', 'd', 'e']);
  });

  it('keeps its bound whatever is put in', () => {
    const kept = recent(1000);
    for (let i = 0; i < 100_000; i += 1) {
      time += i % 7 === 0 ? 1 : 0;
      kept.set(`key ${(i * 7919) % 5003}`, i);
    }

    expect(kept.size()).to.be.at.most(1000);
  });
});
