import { expect } from 'chai';
import { noticeIn, noticeQuery, type NoticeText } from '../../../src/web/notices.js';

const CSRF = 'of this session';

function noticeOf(query: string, csrf = CSRF): NoticeText | null {
  const fields = new URLSearchParams(query);
  return noticeIn({
    query: new Map([...fields.keys()].map((name) => [name, fields.getAll(name)])),
    csrf,
  });
}

describe('a notice in an address', () => {
  const ours = noticeQuery('token-revoked', 'cluster eu-west & <b>', CSRF);

  it('names the object to the session whose page sent it there', () => {
    expect(noticeOf(ours)).to.deep.equal({
      before: 'The deploy token ',
      of: 'cluster eu-west & <b>',
      after: ' is revoked. It is refused from the next request on.',
    });
  });

  // A link in a mail: “… is revoked, sign in at evil.example to restore it”.
  for (const [what, query, csrf] of [
    ['words that somebody else wrote', 'notice=token-revoked&of=call+0900', CSRF],
    ['other words under a seal of ours', ours.replace('cluster', 'call+0900'), CSRF],
    ['another notice under a seal of ours', ours.replace('token-revoked', 'archived'), CSRF],
    ['a seal of another session', ours, 'of another session'],
    ['no such notice', 'notice=nix', CSRF],
    ['nothing', '', CSRF],
  ] as const) {
    it(`is not shown for ${what}`, () => {
      expect(noticeOf(query, csrf)).to.equal(null);
    });
  }

  it('needs no seal where it names nothing', () => {
    expect(noticeQuery('signed-out', '', CSRF)).to.equal('notice=signed-out');
    expect(noticeOf('notice=signed-out&of=call+0900')).to.deep.equal({
      before: 'You are signed out.',
      of: '',
      after: '',
    });
  });
});
