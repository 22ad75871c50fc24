import { expect } from 'chai';
import { parseChallenge } from '../../../src/doctor/challenge.js';

describe('parseChallenge', () => {
  it('reads realm and service, in any order and with what else there is', () => {
    const header =
      'Bearer service="a \\"b\\"",realm="https://pullgate.example.com/token",error="x"';

    expect(parseChallenge(header)).to.deep.equal({
      realm: 'https://pullgate.example.com/token',
      service: 'a "b"',
    });
  });

  for (const header of [null, 'Basic realm="r"', 'Bearer service="s"', 'Bearer realm="token"']) {
    it(`makes nothing of ${header}`, () => {
      expect(parseChallenge(header)).to.equal(null);
    });
  }
});
