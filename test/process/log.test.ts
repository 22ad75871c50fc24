import { expect } from 'chai';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { z } from 'zod';
import { createLog } from '../../src/log.js';
import { run, type RunResult } from '../support/run.js';

const LOG_MODULE = fileURLToPath(new URL('../../src/log.js', import.meta.url));

/** Runs a few lines of JavaScript that have a `log`, in a process of their own. */
async function logging(script: string): Promise<RunResult> {
  const source = `const { openLog } = await import(${JSON.stringify(LOG_MODULE)}); const { log, end } = openLog('info'); ${script}`;
  return await run(process.execPath, ['--input-type=module', '--eval', source]);
}

function messagesOf({ stdout }: Pick<RunResult, 'stdout'>): unknown[] {
  return stdout.split('\n').filter(Boolean).map(messageOf);
}

function messageOf(line: string): unknown {
  return /"msg":"(?<message>[^"]*)"/.exec(line)?.groups?.['message'];
}

function textOf(line: string): unknown {
  return /"text":"(?<text>[^"]*)"/.exec(line)?.groups?.['text'];
}

describe('the log on standard output', function () {
  this.timeout(20_000);

  it('has every line in its order, however many there are in one turn', async () => {
    const result = await logging(
      'for (let i = 0; i < 3000; i += 1) { log.info({ text: "x".repeat(100) }, `line ${i}`); }',
    );

    expect(messagesOf(result)).to.deep.equal(Array.from({ length: 3000 }, (_, i) => `line ${i}`));
  });

  it('has every line in one piece, however many bytes its letters take', async () => {
    const result = await logging(
      'for (let i = 0; i < 300; i += 1) { log.info({ text: "\\u20ac".repeat(i) }, `line ${i}`); }',
    );

    expect(messagesOf(result)).to.deep.equal(Array.from({ length: 300 }, (_, i) => `line ${i}`));
    expect(result.stdout.split('\n').filter(Boolean).map(textOf)).to.deep.equal(
      Array.from({ length: 300 }, (_, i) => '\u20ac'.repeat(i)),
    );
  });

  it('has the last line before an error that nobody caught', async () => {
    const result = await logging('log.info({}, "the last"); throw new Error("uncaught");');

    expect(result.code).not.to.equal(0);
    expect(messagesOf(result)).to.deep.equal(['the last']);
  });

  it('has the last line before process.exit', async () => {
    const result = await logging('log.info({}, "the last"); process.exit(3);');

    expect(result.code).to.equal(3);
    expect(messagesOf(result)).to.deep.equal(['the last']);
  });

  it('does not hold lines back for a later one', async () => {
    const result = await logging(
      'log.info({}, "the last"); setTimeout(() => process.kill(process.pid, "SIGKILL"), 100);',
    );

    expect(messagesOf(result)).to.deep.equal(['the last']);
  });
});

/** Starts the same in a process whose standard output nobody reads until somebody does. */
function loggingUnread(script: string): ChildProcess {
  const source = `const { openLog } = await import(${JSON.stringify(LOG_MODULE)}); const { log, lostLines, end } = openLog('info'); ${script}`;
  return spawn(process.execPath, ['--input-type=module', '--eval', source], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
}

describe('a log that nobody reads', function () {
  this.timeout(20_000);

  /** Of 1 kB each: more than the log holds back. */
  const LINES = 12_000;
  const MANY_LINES = `for (let i = 0; i < ${LINES}; i += 1) { log.info({ text: "x".repeat(1000) }, "line"); }`;

  it('holds nothing up, and tells how many lines it lost once somebody reads', async () => {
    const child = loggingUnread(
      `${MANY_LINES} setTimeout(() => { process.send(lostLines()); process.disconnect(); }, 200);`,
    );
    const lost = z
      .tuple([z.number()])
      .rest(z.unknown())
      .parse(await once(child, 'message'))[0];
    const messages = messagesOf({ stdout: await textOfAll(child) });

    expect(lost).to.be.within(1, LINES - 1);
    expect(messages.filter((message) => message === 'line')).to.have.lengthOf(LINES - lost);
    expect(messages.at(-1)).to.equal('log lines were lost: nobody read standard output');
  });

  for (const [what, ending] of [
    ['that has come to its end', 'await end();'],
    ['that is told to exit', 'process.exit(0);'],
  ] as const) {
    it(`keeps no process alive ${what}`, async () => {
      const child = loggingUnread(`${MANY_LINES} process.disconnect(); ${ending}`);

      expect(await once(child, 'exit')).to.deep.equal([0, null]);
      child.stdout?.destroy();
    });
  }
});

async function textOfAll({ stdout }: ChildProcess): Promise<string> {
  return stdout === null ? '' : await text(stdout);
}

describe('lines of information', () => {
  const fields = {
    text:
      'quoted "text", a \\ and \u0007, longer than what is looked at letter by letter: ' +
      'é'.repeat(99),
    short: 'quoted "text" and a \\',
    empty: '',
    control: 'bell \u0007, line\nfeed',
    del: 'delete \u007f',
    number: 0.125,
    notANumber: NaN,
    missing: undefined,
    nothing: null,
    list: ['repository:tanuki/app:pull', 'with "quotes"'],
    instant: new Date('2031-03-01T12:00:00Z'),
    nested: { a: [{ b: true }] },
  };
  const cases = [
    ['with fields', fields, null],
    ['without any', {}, null],
    ['of a worker', fields, { worker: 2 }],
    ['of a worker, without any', {}, { worker: 2 }],
  ] as const;

  for (const [what, some, base] of cases) {
    it(`are those that pino writes, ${what}`, () => {
      const lines: string[] = [];
      const destination = { write: (line: string) => lines.push(withoutTime(line)) };
      const options = { base, formatters: { level: (label: string) => ({ level: label }) } };

      pino({ ...options, timestamp: () => ',"time":""' }, destination).info(some, 'a "message"');
      createLog('info', destination, base).info(some, 'a "message"');

      expect(lines[1]).to.equal(lines[0]);
      expect(JSON.parse(lines[1] ?? '')).to.include({ level: 'info', msg: 'a "message"' });
    });
  }

  it('are told of what JSON cannot say, too', () => {
    const lines: string[] = [];
    const ring: { self?: object } = {};
    ring.self = ring;

    const log = createLog('info', { write: (line) => lines.push(line) });
    log.info({ number: 7n }, 'a bigint');
    log.info({ ring }, 'an object that holds itself');

    expect(lines.map(messageOf)).to.deep.equal(['a bigint', 'an object that holds itself']);
    expect(lines[0]).to.contain('"number":7');
  });

  it('are left out above their level', () => {
    const lines: string[] = [];

    const log = createLog('warn', { write: (line) => lines.push(line) });
    log.info({}, 'told');
    log.warn({}, 'warned');

    expect(lines.map(messageOf)).to.deep.equal(['warned']);
  });
});

function withoutTime(line: string): string {
  return line.replace(/"time":"[^"]*"/, '"time":""');
}
