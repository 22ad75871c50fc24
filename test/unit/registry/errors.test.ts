import { expect } from 'chai';
import { AppError } from '../../../src/access/errors.js';
import { errorAnswer } from '../../../src/registry/errors.js';

describe('errorAnswer', () => {
  it('says any letters in ASCII, by whose number the size of the answer is told', () => {
    const { json } = errorAnswer('pullgate', new AppError('invalid_input', 'régistry € \u{1f433}'));

    expect(json).to.match(/^[\x20-\x7e]+$/);
    expect(JSON.parse(json)).to.deep.equal({
      errors: [{ code: 'UNSUPPORTED', message: 'régistry € \u{1f433}', detail: null }],
    });
  });
});
