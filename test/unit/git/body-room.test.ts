import { expect } from 'chai';
import { AppError } from '../../../src/access/errors.js';
import { createBodyRoom, type BodyRoom } from '../../../src/git/body-room.js';

const KILOBYTE = 1024;
const LARGE = 500 * KILOBYTE;

function isRefused(take: () => void): boolean {
  try {
    take();
    return false;
  } catch (error) {
    return error instanceof AppError && error.code === 'unavailable';
  }
}

describe('the room for the bodies of fetches', () => {
  let room: BodyRoom;

  beforeEach(() => {
    room = createBodyRoom(1000 * KILOBYTE);
  });

  it('is shared, and one has half of it', () => {
    room('ada').take(LARGE);

    expect(isRefused(() => room('ada').take(LARGE))).to.equal(true);
    expect(isRefused(() => room('grace').take(LARGE))).to.equal(false);
    expect(isRefused(() => room('alan').take(LARGE))).to.equal(true);
  });

  it('is there again when a body is given to git', () => {
    const first = room('ada');
    first.take(LARGE);
    first.giveBack();

    expect(isRefused(() => room('ada').take(LARGE))).to.equal(false);
  });

  it('is not needed for a body such as git sends', () => {
    room('ada').take(LARGE);
    room('grace').take(LARGE);

    expect(isRefused(() => room('alan').take(60 * KILOBYTE))).to.equal(false);
  });
});
