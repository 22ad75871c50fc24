import { expect } from 'chai';
import { tableForm } from '../../../src/cli/table.js';

const ROWS = [
  { id: '1', path: 'tanuki/backend/billing-service', last_used_at: '2030-06-15T12:00:00.000Z' },
  { id: '22', path: 'tanuki/app', last_used_at: '-' },
];

describe('a list for people', () => {
  it('has columns as wide as they need, where there is no terminal', () => {
    expect(drawn(ROWS, null)).to.deep.equal([
      'ID  PATH                            LAST_USED_AT',
      '1   tanuki/backend/billing-service  2030-06-15T12:00:00.000Z',
      '22  tanuki/app                      -',
    ]);
  });

  it('fits the terminal: the widest column gives way first', () => {
    expect(drawn(ROWS, 48)).to.deep.equal([
      'ID  PATH                   LAST_USED_AT',
      '1   tanuki/backend/billi…  2030-06-15T12:00:00.…',
      '22  tanuki/app             -',
    ]);
  });

  it('keeps headings whole, and short columns as they are', () => {
    expect(drawn(ROWS, 26)).to.deep.equal([
      'ID  PATH      LAST_USED_AT',
      '1   tanuki/…  2030-06-15T…',
      '22  tanuki/…  -',
    ]);
  });

  it('is made of blocks where not even the headings fit', () => {
    expect(drawn(ROWS, 20)).to.deep.equal([
      'id:           1',
      'path:         tanuki/backend/billing-service',
      'last_used_at: 2030-06-15T12:00:00.000Z',
      '',
      'id:           22',
      'path:         tanuki/app',
      'last_used_at: -',
    ]);
  });

  it('is no wider than the terminal, whatever that is and however long its rows', () => {
    for (let room = 22; room < 200; room += 1) {
      const form = tableForm('', room);
      const text = form.page(ROWS, true) + form.page([{ ...ROWS[0], id: '9'.repeat(12) }], false);
      for (const line of text.trimEnd().split('\n')) {
        expect(line.length, `${room}: ${line}`).to.be.at.most(room);
      }
    }
  });

  it('goes on with wider columns on a later page', () => {
    const form = tableForm('', null);
    form.page([ROWS[1] ?? {}], true);

    expect(form.page([ROWS[0] ?? {}], false)).to.match(
      /^1 {3}tanuki\/backend\/billing-service {2}2030/,
    );
  });
});

function drawn(rows: typeof ROWS, room: number | null): string[] {
  const form = tableForm('There is nothing.', room);
  return (form.page(rows, true) + form.end(false)).trimEnd().split('\n');
}
