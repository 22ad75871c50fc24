import type { Finding } from './finding.js';

/** Of an address that clients may well reach: the CA of a company, which nobody has named here. */
export function certificateFinding(url: string, failure: string): Finding {
  return {
    check: 'certificate',
    problem: `The certificate of ${url} is not trusted here, so that nothing more can be looked at: ${failure}.`,
    clients:
      '“x509: certificate signed by unknown authority”, those that do not know the CA either.',
    change:
      'Start this with NODE_EXTRA_CA_CERTS=/path/to/ca.pem, and give clients the CA: docker reads ' +
      '/etc/docker/certs.d/HOST/ca.crt.',
  };
}
