import { expect } from 'chai';
import { ownText } from '../../src/own-text.js';
import { endOfAMegabyte, megabytesKeptBy } from '../support/heap.js';

const NAMES = Array.from({ length: 20 }, (_, number) => `repository:tanuki/app-${number}:pull`);

describe('ownText', () => {
  it('is the same text', () => {
    expect(['', 'a', 'tanuki/awesome_project', 'é€\u{1f433}'].map(ownText)).to.deep.equal([
      '',
      'a',
      'tanuki/awesome_project',
      'é€\u{1f433}',
    ]);
  });

  it('does not keep what it was cut out of, as the text itself does', async () => {
    const cut: string[] = [];
    const own: string[] = [];

    const byCut = await megabytesKeptBy(() => {
      cut.push(...NAMES.map(endOfAMegabyte));
    });
    const byOwn = await megabytesKeptBy(() => {
      own.push(...NAMES.map(endOfAMegabyte).map(ownText));
    });

    expect(own).to.deep.equal(cut);
    expect(byCut).to.be.above(17);
    expect(byOwn).to.be.below(5);
  });
});
