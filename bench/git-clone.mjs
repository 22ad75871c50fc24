/**
 * What a clone through Pullgate costs beside the same clone through `git http-backend`.
 *
 *   npm run build && node bench/git-clone.mjs [--rounds 5] [--json FILE] [--dist FOLDER]
 *
 * One repository of 3000 commits and 50 MB of blobs, two servers on it: (a) `pullgate serve`, which
 * checks a deploy token, and (b) a plain node:http server that runs `git http-backend` as a CGI and
 * checks nothing. The clones take turns, A B B A …, so that whatever else the machine does meets both.
 * CPU is that of the server and of all git programs that it started, by /proc (Linux only).
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { git, makeBigRepository } from './big-repository.mjs';
import { cpuSeconds, descendantsOf } from './process-cpu.mjs';
import { run } from './programs.mjs';
import { spread, summary } from './statistics.mjs';

const GOAL = 1.3;
const SELF = fileURLToPath(import.meta.url);

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    json: { type: 'string' },
    dist: { type: 'string', default: join(SELF, '..', '..', 'dist') },
    /** How this script starts its other server; not for people. */
    'serve-http-backend': { type: 'string' },
  },
});

if (options['serve-http-backend'] === undefined) {
  await compare();
} else {
  await serveHttpBackend(options['serve-http-backend']);
}

async function compare() {
  const folder = await mkdtemp(join(tmpdir(), 'pullgate-bench-'));
  const servers = [];
  try {
    const source = join(folder, 'source.git');
    await makeBigRepository(source);
    const pullgate = await startPullgate(folder, source);
    servers.push(pullgate);
    const backend = await startHttpBackend(join(folder, 'data', 'git'), pullgate.repository);
    servers.push(backend);

    const rounds = Number(options.rounds);
    const samples = { pullgate: [], backend: [] };
    // Neither pays for a cold cache, a first compilation or a first query.
    await measureClone(pullgate, folder);
    await measureClone(backend, folder);
    for (let round = 0; round < rounds; round += 1) {
      const turns = round % 2 === 0 ? [pullgate, backend] : [backend, pullgate];
      for (const server of turns) {
        samples[server.name].push(await measureClone(server, folder));
      }
    }
    await report(samples);
  } finally {
    for (const { child } of servers) {
      child.kill('SIGTERM');
      await once(child, 'close');
    }
    await rm(folder, { recursive: true, force: true });
  }
}

async function startPullgate(folder, source) {
  const program = join(resolve(options.dist), 'src', 'main.js');
  const env = { PATH: process.env.PATH, PULLGATE_HTTP_LISTEN: '127.0.0.1:0' };
  async function cli(...args) {
    return JSON.parse(
      await run(process.execPath, [program, ...args, '--json'], { cwd: folder, env }),
    );
  }
  const child = spawn(process.execPath, [program, 'serve'], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { listen } = await firstLine(child, (line) => line.msg === 'listening');
  const project = await cli('project', 'adopt', 'bench/big', '--from', source);
  const scopes = ['--scopes', 'read_repository'];
  const token = await cli('deploy-token', 'create', 'bench/big', '--name', 'bench', ...scopes);
  return {
    name: 'pullgate',
    child,
    repository: `${project.id}.git`,
    url: `http://${token.username}:${token.token}@${listen}/bench/big.git`,
  };
}

async function startHttpBackend(root, repository) {
  const child = spawn(process.execPath, [SELF, '--serve-http-backend', root], {
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { port } = await firstLine(child, (line) => line.port !== undefined);
  return { name: 'backend', child, url: `http://127.0.0.1:${port}/${repository}` };
}

/** The yardstick: what a plain server needs to put `git http-backend` behind HTTP, and no more. */
async function serveHttpBackend(root) {
  const server = createServer((request, response) => {
    const { pathname, search } = new URL(request.url, 'http://localhost');
    const { headers } = request;
    const backend = spawn('git', ['http-backend'], {
      env: {
        PATH: process.env.PATH,
        GIT_PROJECT_ROOT: root,
        GIT_HTTP_EXPORT_ALL: '1',
        PATH_INFO: pathname,
        QUERY_STRING: search.slice(1),
        REQUEST_METHOD: request.method,
        ...given('CONTENT_TYPE', headers['content-type']),
        ...given('CONTENT_LENGTH', headers['content-length']),
        ...given('HTTP_CONTENT_ENCODING', headers['content-encoding']),
        ...given('HTTP_GIT_PROTOCOL', headers['git-protocol']),
      },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    request.pipe(backend.stdin);
    readCgiHead(backend.stdout, (head, rest) => {
      response.writeHead(head.status, head.headers);
      response.write(rest);
      backend.stdout.pipe(response);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  process.once('SIGTERM', () => {
    server.close();
    server.closeAllConnections();
  });
  process.stdout.write(`${JSON.stringify({ port: server.address().port })}\n`);
}

function given(name, value) {
  return value === undefined ? {} : { [name]: value };
}

function readCgiHead(stdout, done) {
  let received = Buffer.alloc(0);
  stdout.on('data', function collect(chunk) {
    received = Buffer.concat([received, chunk]);
    const end = received.indexOf('\r\n\r\n');
    if (end === -1) {
      return;
    }
    stdout.off('data', collect);
    stdout.pause();
    const lines = received.subarray(0, end).toString('latin1').split('\r\n');
    const headers = Object.fromEntries(lines.map((line) => line.split(/:\s*/, 2)));
    const { Status: status = '200 OK', ...others } = headers;
    done({ status: Number.parseInt(status, 10), headers: others }, received.subarray(end + 4));
  });
}

/** Seconds by the clock, and of CPU in the server and its git programs. */
async function measureClone(server, folder) {
  const target = join(folder, 'clone');
  const before = await cpuSeconds(server.child.pid);
  const start = performance.now();
  await git(['clone', '--quiet', '--bare', server.url, target]);
  const wall = (performance.now() - start) / 1000;
  // What a program used is added to its parent's account when the parent has seen it end.
  while ((await descendantsOf(server.child.pid)).length > 0) {
    await pause(5);
  }
  const cpu = (await cpuSeconds(server.child.pid)) - before;
  await rm(target, { recursive: true });
  return { wall, cpu };
}

async function report(samples) {
  const results = ['wall', 'cpu'].map((what) => {
    const pullgate = summary(samples.pullgate.map((sample) => sample[what]));
    const backend = summary(samples.backend.map((sample) => sample[what]));
    return { what, pullgate, backend, ratio: pullgate.median / backend.median };
  });
  print(`${samples.pullgate.length} clones each; seconds as median (min–max)\n`);
  print(row('', 'pullgate (a)', 'http-backend (b)', 'a / b'));
  for (const { what, pullgate, backend, ratio } of results) {
    print(row(what, spread(pullgate), spread(backend), ratio.toFixed(2)));
  }
  const missed = results.filter(({ ratio }) => ratio > GOAL).map(({ what }) => what);
  print(
    missed.length === 0 ? `\nWithin ${GOAL} on both.` : `\nAbove ${GOAL}: ${missed.join(', ')}.`,
  );
  if (options.json !== undefined) {
    await writeFile(options.json, `${JSON.stringify({ goal: GOAL, results, samples }, null, 2)}\n`);
  }
}

function row(...cells) {
  return cells
    .map((cell, index) => cell.padEnd(index === 0 ? 6 : 20))
    .join('')
    .trimEnd();
}

function print(line) {
  process.stdout.write(`${line}\n`);
}

/** The first line of JSON on standard output that fits. The rest is read too, and dropped. */
async function firstLine(child, fits) {
  const lines = createInterface({ input: child.stdout });
  return await new Promise((done, fail) => {
    child.once('close', (code) => fail(new Error(`The server ended with ${code}.`)));
    lines.on('line', (line) => {
      const parsed = JSON.parse(line);
      if (fits(parsed)) {
        done(parsed);
      }
    });
  });
}
