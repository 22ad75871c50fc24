import { expect } from 'chai';
import { loadConfig } from '../../src/config/load.js';
import { realmWarnings } from '../../src/config/realm-warnings.js';

const NAMES: Readonly<Record<string, readonly string[]>> = {
  'pullgate.example.com': ['203.0.113.7'],
  'pullgate.lan': ['10.0.0.5'],
  'pullgate.local': ['127.0.0.1'],
  'metadata.local': ['203.0.113.7', '169.254.169.254'],
  'v6.local': ['::1'],
};

async function resolve(name: string): Promise<readonly string[]> {
  return await Promise.resolve(NAMES[name] ?? expect.fail(`${name} is not known`));
}

async function warned(publicUrl: string, host: string, url?: string): Promise<string> {
  const { config } = await loadConfig({
    PULLGATE_CONFIG: '/dev/null',
    PULLGATE_HTTP_PUBLIC_URL: publicUrl,
    PULLGATE_REGISTRY_HOST: host,
    ...(url !== undefined && { PULLGATE_REGISTRY_URL: url }),
  });
  return (await realmWarnings(config, resolve)).join(' ');
}

describe('realmWarnings', () => {
  const FINE: readonly (readonly [string, string, string?])[] = [
    ['http://localhost:5080', 'localhost:5000'],
    ['https://pullgate.example.com', 'registry.example.com'],
    ['https://registry.example.com', 'registry.example.com', 'http://127.0.0.1:5000'],
    ['https://pullgate.lan', 'registry.lan'],
    ['https://10.0.0.5', '10.0.0.5'],
    ['https://10.0.0.5:8443', '10.0.0.5:8443'],
    ['http://127.0.0.1:5000', '127.0.0.1:5000'],
    ['https://[fd00::5]', '[fd00::5]:443'],
    ['https://203.0.113.7', 'registry.example.com'],
    ['http://pullgate.lan', 'registry.lan:5000', 'http://registry.lan:5000'],
    ['https://nowhere.example.com', 'registry.example.com'],
  ];
  for (const [publicUrl, host, url] of FINE) {
    it(`says nothing of ${publicUrl} for ${host}${url === undefined ? '' : `, asked at ${url}`}`, async () => {
      expect(await warned(publicUrl, host, url)).to.equal('');
    });
  }

  const REFUSED: readonly (readonly [string, string, string])[] = [
    ['http://pullgate.example.com', 'registry.example.com', 'send the secret in clear text'],
    ['http://127.0.0.1:5080', '127.0.0.1:5000', 'crane, cosign, Flux and Helm'],
    ['https://10.0.0.5', '10.0.0.5:5000', 'crane, cosign, Flux and Helm'],
    ['https://192.168.1.2', 'registry.example.com', 'crane, cosign, Flux and Helm'],
    ['https://[fd00::5]:8443', '[fd00::5]', 'crane, cosign, Flux and Helm'],
    ['https://169.254.1.1', 'registry.example.com', 'crane, cosign, Flux and Helm'],
    ['https://pullgate.local', 'registry.example.com', 'resolves to 127.0.0.1'],
    ['https://metadata.local', 'registry.example.com', 'resolves to 169.254.169.254'],
    ['https://v6.local', 'registry.example.com', 'resolves to ::1'],
  ];
  for (const [publicUrl, host, text] of REFUSED) {
    it(`warns of ${publicUrl} for ${host}`, async () => {
      expect(await warned(publicUrl, host)).to.contain(text);
    });
  }
});
