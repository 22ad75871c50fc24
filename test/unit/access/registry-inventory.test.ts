import { expect } from 'chai';
import {
  personalNamespaceProblem,
  walkProgress,
  type RegistryWalk,
} from '../../../src/access/registry-inventory.js';

const AT = new Date('2026-11-01T00:00:00Z');
const NOTHING_YET: RegistryWalk = {
  number: 0,
  startedAt: null,
  next: null,
  seen: 0,
  endedAt: null,
  failure: null,
  failedAt: null,
};
const UNDER_WAY = { ...NOTHING_YET, number: 1, startedAt: AT, seen: 3 };
const FAILING = { ...UNDER_WAY, failure: 'The registry at http://10.0.0.7 is away.', failedAt: AT };
const ENDED = { ...NOTHING_YET, number: 1, endedAt: AT, seen: 5 };

describe('the walk through the registry', () => {
  for (const [walk, says, tellsUsers] of [
    [NOTHING_YET, /^No walk .* has begun yet/, /None has begun yet/],
    [UNDER_WAY, /under way; it has seen 3 repositories/, /under way: try again later/],
    [FAILING, /does not go on: The registry at http:\/\/10.0.0.7 is away/, /ask an administrator/],
    [ENDED, /ended on 2026-11-01T00:00:00.000Z and found 5/, null],
    [{ ...ENDED, startedAt: AT, seen: 1 }, /under way; it has seen 1/, null],
    [{ ...ENDED, failure: 'It is away.', failedAt: AT }, /does not go on: It is away/, null],
  ] as const) {
    it(`says ${says.source}, and lets a personal namespace wait: ${tellsUsers?.source ?? 'no'}`, () => {
      expect(walkProgress(walk)).to.match(says);
      const problem = personalNamespaceProblem(walk, { hasUnowned: false });
      if (tellsUsers === null) {
        expect(problem).to.equal(null);
      } else {
        // Where the registry is, is nothing that every user needs to know.
        expect(problem).to.match(tellsUsers).and.not.include('10.0.0.7');
      }
    });
  }

  it('keeps a personal namespace from images that nobody owns, whether or not it has ended', () => {
    for (const walk of [NOTHING_YET, UNDER_WAY, FAILING, ENDED]) {
      const problem = personalNamespaceProblem(walk, { hasUnowned: true });

      expect(problem).to.include('holds images of this name that no project owns');
    }
  });
});
