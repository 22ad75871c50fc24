/** The nodes of a storm, in a process of their own: see storm.mjs. */

import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { setTimeout as pause } from 'node:timers/promises';
import { percentile } from './statistics.mjs';

/** As a client that gives up waits. */
const PATIENCE_MS = 30_000;

process.once('message', (storm) => {
  void begin(storm);
});
process.on('disconnect', () => process.exit());

async function begin(storm) {
  const startedAt = performance.now();
  const failures = [];
  const milliseconds = [];
  await Promise.all(
    Array.from({ length: storm.nodes }, async () => {
      await pause(Math.random() * storm.seconds * 1000);
      let session;
      for (let number = 0; number < storm.asks; number += 1) {
        const askedAt = performance.now();
        try {
          ({ session } = await ask(storm, session));
          milliseconds.push(performance.now() - askedAt);
        } catch (error) {
          failures.push(error.message);
        }
      }
    }),
  );
  const { user, system } = process.cpuUsage();
  const sorted = milliseconds.toSorted((a, b) => a - b);
  process.send({
    answers: sorted.length,
    failures,
    p50: percentile(sorted, 0.5),
    p99: percentile(sorted, 0.99),
    max: sorted.at(-1) ?? 0,
    lastAfter: (performance.now() - startedAt) / 1000,
    ownMicroseconds: (user + system) / sorted.length,
  });
}

async function ask({ port, isTls, resumes, request }, session) {
  return await new Promise((resolve, reject) => {
    const socket = isTls
      ? // Go's clients check it, which costs the server nothing.
        connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, session })
      : connect({ port, host: '127.0.0.1' });
    let answer = '';
    let next;
    if (resumes) {
      socket.on('session', (made) => {
        next = made;
      });
    }
    socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error('no answer in time')));
    socket.setEncoding('latin1').on('data', (text) => {
      answer += text;
    });
    socket.on('error', reject);
    socket.on('close', () => {
      if (answer.startsWith('HTTP/1.1 200')) {
        resolve({ session: next });
      } else {
        reject(new Error(answer.split('\r\n', 1)[0] || 'closed without an answer'));
      }
    });
    socket.write(request);
  });
}
