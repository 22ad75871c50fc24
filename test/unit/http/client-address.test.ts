import { expect } from 'chai';
import { IncomingMessage } from 'node:http';
import { BlockList, Socket } from 'node:net';
import { clientAddresses } from '../../../src/http/client-address.js';

function requestFrom(remoteAddress: string | undefined, forwardedFor?: string): IncomingMessage {
  const socket = new Socket();
  Object.defineProperty(socket, 'remoteAddress', { value: remoteAddress });
  const request = new IncomingMessage(socket);
  if (forwardedFor !== undefined) {
    request.headers['x-forwarded-for'] = forwardedFor;
  }
  return request;
}

const NOBODY = new BlockList();
const PROXIES = new BlockList();
PROXIES.addSubnet('10.0.0.0', 8, 'ipv4');
PROXIES.addSubnet('fd00::', 8, 'ipv6');

describe('clientAddress', () => {
  // [what, trusted proxies, address of the socket, X-Forwarded-For, who it is]
  const cases = [
    ['is the other end of the connection', NOBODY, '203.0.113.9', undefined, '203.0.113.9'],
    ['believes no header of a stranger', PROXIES, '203.0.113.9', '198.51.100.1', '203.0.113.9'],
    ['believes no header where no proxy is trusted', NOBODY, '10.0.0.1', '8.8.8.8', '10.0.0.1'],
    ['is whom a trusted proxy names', PROXIES, '10.0.0.1', '203.0.113.9', '203.0.113.9'],
    ['is a trusted proxy that names nobody', PROXIES, '10.0.0.1', undefined, '10.0.0.1'],
    ['is a trusted proxy whose header is empty', PROXIES, '10.0.0.1', '', '10.0.0.1'],
    [
      'passes over every trusted proxy of a chain',
      PROXIES,
      '10.0.0.1',
      '203.0.113.9, 10.9.9.9, 10.0.0.2',
      '203.0.113.9',
    ],
    [
      'is the first proxy where all of the chain is trusted',
      PROXIES,
      '10.0.0.1',
      '10.0.0.3,10.0.0.2',
      '10.0.0.3',
    ],
    [
      'is the last address before the proxies, whatever a client wrote left of it',
      PROXIES,
      '10.0.0.1',
      '127.0.0.1, 10.0.0.9, 203.0.113.9',
      '203.0.113.9',
    ],
    [
      'stops at what is no address, which a client wrote',
      PROXIES,
      '10.0.0.1',
      '203.0.113.9, localhost, 10.0.0.2',
      '10.0.0.2',
    ],
    ['leaves out a port', PROXIES, '10.0.0.1', '203.0.113.7:51234', '203.0.113.7'],
    ['leaves out a port of IPv6', PROXIES, '10.0.0.1', '[2001:db8::7]:51234', '2001:db8::7'],
    ['leaves out brackets', PROXIES, '10.0.0.1', '[2001:db8::7]', '2001:db8::7'],
    ['leaves out quotes', PROXIES, '10.0.0.1', '"[2001:db8::7]:51234"', '2001:db8::7'],
    ['leaves out quotes of IPv4', PROXIES, '10.0.0.1', '"203.0.113.7"', '203.0.113.7'],
    [
      'passes over a trusted proxy with a port',
      PROXIES,
      '10.0.0.1',
      '8.8.8.8, 10.1.1.1:80',
      '8.8.8.8',
    ],
    ['passes over empty hops', PROXIES, '10.0.0.1', ', 203.0.113.9, ,"",\t', '203.0.113.9'],
    ['passes over white space', PROXIES, '10.0.0.1', ' \t203.0.113.9\t ', '203.0.113.9'],
    ['stops at brackets with no address', PROXIES, '10.0.0.1', '8.8.8.8, [10.0.0.9]x', '10.0.0.1'],
    ['stops at a port that is none', PROXIES, '10.0.0.1', '203.0.113.9:http', '10.0.0.1'],
    ['stops at a name', PROXIES, '10.0.0.1', '203.0.113.9, unknown', '10.0.0.1'],
    ['has one spelling of IPv6', PROXIES, 'fd00::1', '2001:DB8:0:0:0:0:0:9', '2001:db8::9'],
    ['reads IPv4 in capital IPv6', PROXIES, '10.0.0.1', '::FFFF:203.0.113.9', '203.0.113.9'],
    ['reads IPv4 in hexadecimal', PROXIES, '10.0.0.1', '::ffff:cb00:7109', '203.0.113.9'],
    ['reads IPv4 in brackets', PROXIES, '10.0.0.1', '[::ffff:203.0.113.9]:1', '203.0.113.9'],
    ['reads IPv4 in IPv6 of a socket', PROXIES, '::ffff:10.0.0.1', '203.0.113.9', '203.0.113.9'],
    ['writes IPv4 in IPv6 as IPv4', NOBODY, '::ffff:203.0.113.9', undefined, '203.0.113.9'],
    [
      'reads IPv4 in IPv6 of a header',
      PROXIES,
      '10.0.0.1',
      '203.0.113.9, ::ffff:10.0.0.2',
      '203.0.113.9',
    ],
    ['trusts proxies by IPv6', PROXIES, 'fd00::1', '2001:db8::9', '2001:db8::9'],
    ['keeps an IPv6 address as it is', PROXIES, '2001:db8::9', '8.8.8.8', '2001:db8::9'],
    ['takes a zone of a link-local address', PROXIES, 'fe80::1%eth0', '8.8.8.8', 'fe80::1%eth0'],
    ['is nobody once the connection is gone', PROXIES, undefined, '8.8.8.8', ''],
  ] as const;

  for (const [title, trustedProxies, remote, forwardedFor, expected] of cases) {
    it(title, () => {
      const address = clientAddresses({ trustedProxies })(requestFrom(remote, forwardedFor));

      expect(address).to.equal(expected);
    });
  }

  it('tells whose header it does not believe', () => {
    const told: string[] = [];
    const addressOf = clientAddresses({
      trustedProxies: PROXIES,
      notTrusted: (peer) => told.push(peer),
    });
    for (const [remote, forwardedFor] of [
      ['203.0.113.9', '8.8.8.8'],
      ['::ffff:203.0.113.8', ''],
      ['10.0.0.1', '8.8.8.8'],
      ['203.0.113.7', undefined],
    ] as const) {
      addressOf(requestFrom(remote, forwardedFor));
    }

    expect(told).to.deep.equal(['203.0.113.9', '203.0.113.8']);
  });
});
