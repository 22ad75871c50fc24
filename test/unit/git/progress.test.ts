import { expect } from 'chai';
import { createPatience } from '../../../src/git/progress.js';

const MINUTE = 60;
const AN_HOUR = 3600;

/** How many seconds it lasts; the bytes are what moves in each of them. */
function secondsOf(bytesAt: (second: number) => number, isClientAwaited: boolean): number {
  const patience = createPatience(MINUTE);
  for (let second = 1; second <= AN_HOUR; second += 1) {
    if (patience.isOver(bytesAt(second), isClientAwaited)) {
      return second;
    }
  }
  return AN_HOUR;
}

describe('the patience with a transfer', () => {
  // A byte every fifteen seconds was headway, and kept a place and a git program for an hour. What
  // counts is how much comes, of whoever is waited for: a slow line is far above it.
  it('ends one whose client moves a byte now and then', () => {
    expect(secondsOf((second) => (second % 15 === 0 ? 1 : 0), true)).to.equal(61);
  });

  it('keeps one of a slow line, which stalls now and then', () => {
    expect(secondsOf((second) => (second % 50 < 30 ? 10_000 : 0), true)).to.equal(AN_HOUR);
  });

  it('keeps one whose git thinks, and says every five seconds that it does', () => {
    expect(secondsOf((second) => (second % 5 === 0 ? 5 : 0), false)).to.equal(AN_HOUR);
  });

  it('ends one whose git says nothing', () => {
    expect(secondsOf(() => 0, false)).to.equal(MINUTE);
  });
});
