import { expect } from 'chai';
import { CREDENTIAL_FAULTS, REFUSALS } from '../../../src/access/credential.js';
import { faultReason, sentencesOf, toldReason } from '../../../src/access/told-reason.js';

describe('toldReason', () => {
  it('tells faults of form to anybody, and no reason that says whose credentials they are', () => {
    const told = REFUSALS.filter((refusal) => toldReason(refusal) !== null);

    expect(told).to.deep.equal([...CREDENTIAL_FAULTS]);
  });

  it('is ASCII, so that it can stand in a header', () => {
    for (const fault of CREDENTIAL_FAULTS) {
      expect(sentencesOf(faultReason(fault))).to.match(/^[A-Z][\x20-\x7e]+\. [A-Z][\x20-\x7e]+\.$/);
    }
  });
});
