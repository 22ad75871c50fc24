import { expect } from 'chai';
import { AppError } from '../../../src/access/errors.js';

describe('AppError', () => {
  it('has a code and a message, and else nothing', () => {
    const error = new AppError('not_found', 'There is no such project.');

    expect(error).to.be.an.instanceOf(Error);
    expect(error).to.include({
      name: 'AppError',
      code: 'not_found',
      message: 'There is no such project.',
      retryAfterSeconds: null,
    });
    expect(error.problems).to.deep.equal({});
    expect(error).not.to.have.property('cause');
  });

  it('names what is wrong by field, the time to wait and the cause that it was given', () => {
    const cause = new Error('database is locked');
    const field = new AppError('invalid_input', 'Give a name.', { field: 'name' });
    const wait = new AppError('rate_limited', 'Wait.', { retryAfterSeconds: 30, cause });

    expect(field.problems).to.deep.equal({ name: 'Give a name.' });
    expect(wait).to.include({ retryAfterSeconds: 30, cause });
  });
});
