import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { startPullgate } from '../support/pullgate-process.js';
import { eventually, run, temporaryFolder, type TemporaryFolder } from '../support/run.js';

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'main.js');

/** The export reads so many events at once. */
const PAGE = 1000;

const Event = z.strictObject({
  id: z.int(),
  at: z.iso.datetime(),
  action: z.string(),
  actor_id: z.null(),
  actor: z.enum(['operator:', 'operator:grace']),
  project_id: z.int().nullable(),
  project_path: z.string().nullable(),
  namespace_id: z.int().nullable(),
  namespace_path: z.string().nullable(),
  subject_id: z.int().nullable(),
  subject: z.string(),
  detail: z.string(),
  door: z.literal('cli'),
  address: z.null(),
  request_id: z.null(),
});

async function openDatabase({ path }: TemporaryFolder): Promise<DataSource> {
  const database = join(path, 'data', 'pullgate.db');
  return await new DataSource({ type: 'better-sqlite3', database }).initialize();
}

describe('pullgate audit export', () => {
  let folder: TemporaryFolder;

  before(async () => {
    folder = await temporaryFolder('pullgate-audit-');
  });

  after(async () => {
    await folder.remove();
  });

  async function pullgate(...args: string[]): Promise<string> {
    return await pullgateBy({}, ...args);
  }

  async function pullgateBy(by: NodeJS.ProcessEnv, ...args: string[]): Promise<string> {
    const env = { PATH: process.env['PATH'] ?? '', HOME: folder.path, ...by };
    const { code, stdout, stderr } = await run(process.execPath, [MAIN, ...args], {
      cwd: folder.path,
      env,
    });
    expect(`${code} ${stderr}`).to.equal('0 ');
    return stdout;
  }

  it('writes what the operator did as JSON lines, the rotation of keys too', async () => {
    await pullgate('migrate');
    await pullgate('keys', 'create');
    await pullgate('project', 'create', 'tanuki/app');
    await pullgate('project', 'create', 'tanuki/other');
    await pullgate('keys', 'rotate');

    const all = eventsOf(await pullgate('audit', 'export'));
    const ofProject = eventsOf(await pullgate('audit', 'export', '--project', 'tanuki/app'));

    expect(all.map(({ action, subject }) => `${action} ${subject}`)).to.have.lengthOf(3);
    expect(all[0]?.action).to.equal('key_rotated');
    expect(all[0]?.subject).to.match(/^[A-Z2-7]{4}(:[A-Z2-7]{4}){11}$/);
    expect(all[0]?.detail).to.equal('ES256');
    expect(ofProject.map(({ action, subject }) => [action, subject])).to.deep.equal([
      ['project_created', 'tanuki/app'],
    ]);
  });

  it('knows every key that is in use, though the rotation was killed before its event was written', async () => {
    const certs = join(folder.path, 'certs');
    const before = await readdir(certs);
    const eventsBefore = await pullgate('audit', 'export');
    const holder = await openDatabase(folder);
    await holder.query('BEGIN IMMEDIATE');

    const rotation = startPullgate(['keys', 'rotate'], { cwd: folder.path });
    await eventually(
      'a key on the disk',
      async () => await readdir(certs),
      ({ length }) => length > before.length,
    );
    rotation.signal('SIGKILL');
    await rotation.exited;
    await holder.query('ROLLBACK');
    await holder.destroy();

    const leaves = (await readdir(certs)).filter((file) => file.endsWith('.pem'));
    expect(leaves).to.deep.equal(before.filter((file) => file.endsWith('.pem')));
    expect(await pullgate('audit', 'export')).to.equal(eventsBefore);
  });

  it('goes on past what a newer version wrote, and tells it as it is', async () => {
    const newer = { at: 1, action: 'newer_action', actor: 'newer', door: 'newer', subject: 'x' };
    const db = await openDatabase(folder);
    for (let number = 0; number < 2 * PAGE; number += 1) {
      await db.query(
        'INSERT INTO audit_events (at, action, actor, subject, detail, door) VALUES (?, ?, ?, ?, ?, ?)',
        [
          newer.at,
          number % PAGE === 0 ? newer.action : 'signed_in',
          newer.actor,
          newer.subject,
          '',
          newer.door,
        ],
      );
    }
    await db.destroy();

    const lines = (await pullgate('audit', 'export', '--until', '1970-01-01')).trim().split('\n');

    expect(lines).to.have.lengthOf(2 * PAGE);
    expect(lines.filter((line) => line.includes('"action":"newer_action"'))).to.have.lengthOf(2);
    expect(lines[0]).to.include('"door":"newer"');
  });

  it('names who became root by sudo, and finds what they did', async () => {
    await pullgateBy({ SUDO_USER: 'grace' }, 'project', 'create', 'tanuki/by-grace');
    await pullgateBy({ SUDO_USER: '' }, 'project', 'create', 'tanuki/by-root');

    const byGrace = eventsOf(await pullgate('audit', 'export', '--by', 'operator:grace'));
    const [last] = eventsOf(await pullgate('audit', 'export', '--project', 'tanuki/by-root'));

    expect(byGrace.map(({ subject }) => subject)).to.deep.equal(['tanuki/by-grace']);
    expect(last?.actor).to.equal('operator:');
  });

  it('leaves out what no filter wants, and writes CSV', async () => {
    await pullgate('user', 'create', 'ada');
    await pullgate('project', 'create', 'tanuki/filtered');
    await pullgate('member', 'add', 'tanuki/filtered', 'ada', '--role', 'guest');
    await pullgate('project', 'remove', 'tanuki/filtered');
    const today = new Date().toISOString().slice(0, 10);

    const toAda = eventsOf(await pullgate('audit', 'export', '--user', 'ADA'));
    const ofRemoved = await pullgate(
      ...`audit export --project tanuki/filtered --by operator: --csv`.split(' '),
      ...`--since ${today} --until ${today} --action project_removed`.split(' '),
    );
    const none = await pullgate('audit', 'export', '--by', 'ada', '--until', '2020-01-01');

    expect(toAda.map(({ action }) => action)).to.deep.equal(['member_set', 'user_created']);
    expect(ofRemoved.split('\r\n')).to.have.lengthOf(3);
    expect(ofRemoved).to.match(/^"\d+","[^"]+","project_removed",/m);
    expect(none).to.equal('');
  });
});

function eventsOf(lines: string): z.infer<typeof Event>[] {
  return lines
    .trimEnd()
    .split('\n')
    .map((line) => Event.parse(JSON.parse(line)));
}
