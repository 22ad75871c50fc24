import { expect } from 'chai';
import { networksOf } from '../../../src/services/networks.js';

describe('networksOf', () => {
  for (const [address, networks] of [
    ['203.0.113.9', ['203.0.113.9']],
    ['', ['']],
    ['2001:db8:1:2ff::9', ['20010db8000102ff/64', '20010db8000102/56', '20010db80001/48']],
    ['2001:db8:1:2ff:3:4:5:6', ['20010db8000102ff/64', '20010db8000102/56', '20010db80001/48']],
    ['2001:DB8::1', ['20010db800000000/64', '20010db8000000/56', '20010db80000/48']],
    ['::1', ['0000000000000000/64', '00000000000000/56', '000000000000/48']],
    ['fe80::1%eth0', ['fe80000000000000/64', 'fe800000000000/56', 'fe8000000000/48']],
  ] as const) {
    it(`of ${address || 'nobody'} are ${networks.join(', ')}`, () => {
      expect(networksOf(address)).to.deep.equal(networks);
    });
  }
});
