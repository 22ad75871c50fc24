import { expect } from 'chai';
import { liveObjects } from '../../../src/http/live-objects.js';

describe('liveObjects', () => {
  it('holds what was added and not taken out, whatever came and went', () => {
    const live = liveObjects<string>();

    const removeA = live.add('a');
    live.add('b');
    const removeC = live.add('c');
    removeA();
    live.add('d');
    removeC();
    live.add('e');
    live.add('f');

    expect([...live].toSorted()).to.deep.equal(['b', 'd', 'e', 'f']);
  });

  it('gives a place to one at a time, though its last holder is taken out twice', () => {
    const live = liveObjects<string>();
    const removeA = live.add('a');

    removeA();
    live.add('b');
    removeA();
    live.add('c');
    live.add('d');

    expect([...live].toSorted()).to.deep.equal(['b', 'c', 'd']);
  });

  it('is empty once all is taken out', () => {
    const live = liveObjects<string>();

    const removals = ['a', 'b', 'c'].map((name) => live.add(name));
    removals.forEach((remove) => {
      remove();
    });

    expect([...live]).to.deep.equal([]);
  });
});
