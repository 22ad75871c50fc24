import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { openCurrentStore } from '../../src/store/open-store.js';
import { openDatabase } from '../../src/store/databases.js';
import { settingsFor, startMariadb, type OwnDatabaseServer } from '../support/database.js';
import { runOrThrow, temporaryFolder, type TemporaryFolder } from '../support/run.js';
import { refusalOf } from '../store/schema-version.js';

describe('the connection to the database with database.tls_ca', () => {
  let folder: TemporaryFolder;
  let server: OwnDatabaseServer;

  before(async () => {
    folder = await temporaryFolder('pullgate-tls');
    await chmod(folder.path, 0o755);
    await makeCertificate(folder.path, 'right', 'localhost');
    await makeCertificate(folder.path, 'other', 'localhost');
    await makeCertificate(folder.path, 'elsewhere', 'db.example.com');
    server = await startWith('right');
  });

  after(async () => {
    await server?.stop();
    await folder?.remove();
  });

  async function startWith(name: string): Promise<OwnDatabaseServer> {
    const path = join(folder.path, name);
    return await startMariadb({ flags: [`--ssl-cert=${path}.crt`, `--ssl-key=${path}.key`] });
  }

  async function urlAt(host: string): Promise<string> {
    return (await server.createDatabase()).replace('@127.0.0.1:', `@${host}:`);
  }

  it('is encrypted', async () => {
    const tlsCa = join(folder.path, 'right.crt');
    const { db, close } = await openDatabase(settingsFor(await urlAt('localhost'), { tlsCa }), []);

    const cipher: unknown = await db.query("SHOW STATUS LIKE 'Ssl_cipher'");

    await close();
    expect(JSON.stringify(cipher)).to.match(/"Value":"TLS_/);
  });

  it('is refused to a server with the certificate of another authority', async () => {
    const tlsCa = join(folder.path, 'other.crt');

    const refusal = await refusalOf(settingsFor(await urlAt('localhost'), { tlsCa }), true);

    expect(refusal).to.match(/The database at localhost:\d+ cannot be used: .*certificate/);
  });

  it('is refused to a server whose certificate names another host', async () => {
    const tlsCa = join(folder.path, 'elsewhere.crt');
    const elsewhere = await startWith('elsewhere');
    const url = (await elsewhere.createDatabase()).replace('@127.0.0.1:', '@localhost:');

    const refusal = await refusalOf(settingsFor(url, { tlsCa }), true);

    await elsewhere.stop();
    expect(refusal).to.match(/cannot be used: Hostname\/IP does not match certificate/);
  });

  it('is refused to an address, which no certificate is checked against', async () => {
    const tlsCa = join(folder.path, 'right.crt');

    const refusal = await refusalOf(settingsFor(await urlAt('127.0.0.1'), { tlsCa }), true);

    expect(refusal).to.include('127.0.0.1 is an address');
  });

  it('goes on in clear text without the setting', async () => {
    const settings = settingsFor(await urlAt('localhost'));

    const { store } = await openCurrentStore(settings, { migrate: true });

    await store.ping();
    await store.close();
  });
});

/** Self-signed, so that it is its own authority. */
async function makeCertificate(folder: string, name: string, host: string): Promise<void> {
  const [key, cert] = [join(folder, `${name}.key`), join(folder, `${name}.crt`)];
  const request = 'req -x509 -newkey rsa:2048 -nodes -days 2'.split(' ');
  const names = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${host}`];
  await runOrThrow('openssl', [...request, ...names, '-keyout', key, '-out', cert]);
}
