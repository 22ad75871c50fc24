/**
 * Clones of a repository with 5000 Git LFS objects, 1 GB in all, beside token requests.
 *
 *   npm run bench:lfs -- [--objects 5000] [--megabytes 1024] [--clones 4] [--clones-in DIR] [--json FILE]
 *
 * The clones run at once, with the real git-lfs and one deploy token, while 50 tokens a second are asked for.
 * What is aimed at is a p99 of the token door below 100 ms. A server that does nothing is asked beside it, on
 * the same CPU, and tells what the machine does to both. The server has the first CPU with the git that it
 * starts, the clients have the second. Clients are other machines: a DIR in memory (/dev/shm, twice the size
 * for each clone) keeps the server's disk free of what they write.
 */

import { createHash, randomBytes } from 'node:crypto';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { setTimeout as pause } from 'node:timers/promises';
import { git } from './big-repository.mjs';
import { startHello } from './hello.mjs';
import { probeWhile } from './probe.mjs';
import { fineCpuSeconds } from './process-cpu.mjs';
import { end, spawnPinned } from './programs.mjs';
import { pullgate, questionOf, startPullgate } from './pullgate-server.mjs';
import { table } from './statistics.mjs';
import { fullSqlite } from './token-database.mjs';

const AIM_MS = 100;
const TOKENS = 10_000;
const WARM_UP_MS = 3000;
const PROJECT = 'bench-lfs/large';
const MEGABYTE = 1024 * 1024;

const { values: options } = parseArgs({
  options: {
    objects: { type: 'string', default: '5000' },
    megabytes: { type: 'string', default: '1024' },
    clones: { type: 'string', default: '4' },
    'clones-in': { type: 'string', default: tmpdir() },
    json: { type: 'string' },
  },
});
const objects = Number(options.objects);
const objectBytes = Math.floor((Number(options.megabytes) * MEGABYTE) / objects);

const folder = await mkdtemp(join(tmpdir(), 'pullgate-lfs-'));
const clones = await mkdtemp(join(options['clones-in'], 'pullgate-lfs-clones-'));
const running = [];
try {
  tell(`making ${objects} objects of ${objectBytes} bytes`);
  const source = join(folder, 'source.git');
  await makeRepository(source);
  const server = await startServer();
  const bare = await startHello({ app: 'node', cpus: '0' });
  running.push(server.child, bare.child);
  const address = await adopted(server, source);
  await probeWhile(server, bare, questionOf, async () => await pause(WARM_UP_MS));
  const idle = await probeWhile(server, bare, questionOf, async () => await pause(WARM_UP_MS));
  const before = await fineCpuSeconds(server.child.pid);
  const startedAt = performance.now();
  const busy = await probeWhile(server, bare, questionOf, async () => await cloneAtOnce(address));
  const seconds = (performance.now() - startedAt) / 1000;
  const cpu = (await fineCpuSeconds(server.child.pid)) - before;
  const peakMegabytes = await peakMemory(server.child.pid);
  report({ idle, busy, seconds, cpu, peakMegabytes });
  if (options.json !== undefined) {
    const measured = { objects, objectBytes, idle, busy, seconds, cpu, peakMegabytes };
    await writeFile(options.json, `${JSON.stringify(measured, null, 2)}\n`);
  }
} finally {
  await Promise.all(running.map(end));
  await rm(clones, { recursive: true, force: true });
  await rm(folder, { recursive: true, force: true });
}

/** A bare repository whose objects lie where git-lfs keeps them. */
async function makeRepository(path) {
  await git(['init', '--quiet', '--bare', '--initial-branch=main', path]);
  const importer = spawn('git', ['--git-dir', path, 'fast-import', '--quiet'], {
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  const ended = once(importer, 'close');
  const { stdin } = importer;
  stdin.write('commit refs/heads/main\ncommitter Bench <bench@example.com> 1700000000 +0000\n');
  stdin.write('data 3\nlfs\n');
  writeFileCommand(stdin, '.gitattributes', '*.bin filter=lfs diff=lfs merge=lfs -text\n');
  for (let number = 0; number < objects; number += 1) {
    const content = randomBytes(objectBytes);
    const oid = createHash('sha256').update(content).digest('hex');
    const file = join(path, 'lfs', 'objects', oid.slice(0, 2), oid.slice(2, 4), oid);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
    writeFileCommand(stdin, `folder-${number % 50}/file-${number}.bin`, pointer(oid));
  }
  stdin.end();
  await ended;
}

function writeFileCommand(stdin, name, text) {
  stdin.write(`M 100644 inline ${name}\ndata ${text.length}\n${text}\n`);
}

/** What git has in place of a file. */
function pointer(oid) {
  return `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${objectBytes}\n`;
}

async function startServer() {
  const database = await fullSqlite(join(folder, 'databases'), TOKENS);
  const settings = { PULLGATE_GIT_ROOT: join(folder, 'git') };
  const place = join(folder, 'pullgate');
  return await startPullgate({ name: 'pullgate', folder: place, cpus: '0', database, settings });
}

/** The address of the project, with a deploy token that reads it. */
async function adopted(server, source) {
  await pullgate(server, 'project', 'adopt', PROJECT, '--from', source);
  await rm(source, { recursive: true });
  const scopes = ['--scopes', 'read_repository'];
  const token = await pullgate(server, 'deploy-token', 'create', PROJECT, '--name', 'x', ...scopes);
  return `http://${token.username}:${token.token}@127.0.0.1:${server.port}/${PROJECT}.git`;
}

async function cloneAtOnce(address) {
  const home = join(clones, 'home');
  await mkdir(home, { recursive: true });
  const env = { PATH: process.env.PATH, HOME: home, GIT_TERMINAL_PROMPT: '0' };
  await client(['lfs', 'install', '--skip-repo'], env);
  const targets = Array.from({ length: Number(options.clones) }, (_, number) =>
    join(clones, `clone-${number}`),
  );
  await Promise.all(
    targets.map(async (target) => await client(['clone', '--quiet', address, target], env)),
  );
  for (const target of targets) {
    await requireWhole(target);
    await rm(target, { recursive: true });
  }
}

async function client(args, env) {
  const child = spawnPinned('1', ['git', ...args], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = await once(child, 'close');
  if (code !== 0) {
    throw new Error(`git ${args[0]} ended with ${code}.`);
  }
}

/** git-lfs has checked each object against its name; a pointer in place of a file would be short. */
async function requireWhole(target) {
  for (let number = 0; number < objects; number += 1) {
    const file = join(target, `folder-${number % 50}`, `file-${number}.bin`);
    const { length } = await readFile(file);
    if (length !== objectBytes) {
      throw new Error(`${file} has ${length} bytes.`);
    }
  }
}

async function peakMemory(pid) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024);
}

function report({ idle, busy, seconds, cpu, peakMegabytes }) {
  const rows = [
    ['token door, ms', 'answers', 'p50', 'p99', 'longest', 'bare p50', 'bare p99', ''],
    ...[
      ['nothing else', idle],
      [`${options.clones} clones`, busy],
    ].map(([name, { answers, wrong, p50, p99, max, bare }]) => [
      name,
      String(answers),
      p50.toFixed(1),
      p99.toFixed(1),
      max.toFixed(0),
      bare.p50.toFixed(1),
      bare.p99.toFixed(1),
      [...(p99 < AIM_MS ? [] : ['missed']), ...(wrong > 0 ? [`${wrong} wrong`] : [])].join(', '),
    ]),
  ];
  process.stdout.write(`${table(rows)}\n\n`);
  const megabytes = Math.round((objects * objectBytes * Number(options.clones)) / MEGABYTE);
  process.stdout.write(
    `${megabytes} MB in ${objects} objects a clone: ${seconds.toFixed(0)} s, ` +
      `${cpu.toFixed(1)} s of CPU in the server, which had ${peakMegabytes} MB at most.\n`,
  );
}

function tell(line) {
  process.stderr.write(`${line}\n`);
}
