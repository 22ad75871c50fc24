import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import { createAdmission } from '../../../src/http/admission.js';

describe('admission', () => {
  it('begins so many at once, and the others in the turns after', async () => {
    const { begun, admit } = begunBy();
    for (const name of ['1', '2', '3', '4', '5']) {
      admit('a', name);
    }

    const seen = [begun.join('')];
    for (let turn = 0; turn < 3; turn += 1) {
      await nextTurn();
      seen.push(begun.join(''));
    }

    expect(seen).to.deep.equal(['12', '1234', '12345', '12345']);
  });

  // A flood of wrong passwords kept each turn busy for a tenth of a second, and Node takes one connection in
  // a turn: of fifty newcomers a second forty waited until the flood was over, 4.3 seconds.
  it('begins what comes from elsewhere before more of a flood', async () => {
    const { begun, admit } = begunBy();
    for (let number = 0; number < 100; number += 1) {
      admit('flood', 'f');
    }
    admit('elsewhere', 'E');

    await nextTurn();

    expect(begun.join('')).to.equal('fffE');
  });

  it('begins no newcomer before those that wait', async () => {
    const { begun, admit } = begunBy();
    for (const name of ['1', '2', '3', '4', '5']) {
      admit('a', name);
    }
    await nextTurn();
    admit('a', '6');

    await nextTurn();

    expect(begun.join('')).to.equal('123456');
  });
});

function begunBy(): {
  readonly begun: string[];
  readonly admit: (from: string, name: string) => void;
} {
  const admission = createAdmission(2);
  const begun: string[] = [];
  return {
    begun,
    admit(from, name) {
      admission(from, () => {
        begun.push(name);
      });
    },
  };
}
