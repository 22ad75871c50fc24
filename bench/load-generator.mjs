/**
 * The client of the benchmarks, a process of its own: raw sockets, so that it costs as little as it
 * can. Its parent tells it by messages what to send and asks how far it is.
 */

import { connect } from 'node:net';
import { percentile } from './statistics.mjs';

/** No server measured has a longer head. */
const MAX_HEAD = 2048;
const BUFFER_BYTES = 64 * 1024;
const END_OF_HEAD = '\r\n\r\n';
const CONTENT_LENGTH = /\r\ncontent-length: *(\d+)/i;

let load = null;

process.on('message', (message) => {
  if (message.start !== undefined) {
    load = startLoad(message.start);
  } else if (message === 'count') {
    process.send({ answers: load.answers, wrong: load.wrong, at: performance.now() });
  } else if (message === 'latencies') {
    process.send(latenciesSince(load));
  } else if (message === 'stop') {
    load.isRunning = false;
    process.send({ stopped: true });
  }
});
process.on('disconnect', () => process.exit());

/**
 * `connections` at once, each asking again as soon as it is answered; or, where there is a `rate`, as
 * many a second on average at random moments (Poisson), whatever the answers do.
 */
function startLoad({ port, requests, isFresh, connections, rate = null }) {
  const started = {
    port,
    requests: requests.map((text) => Buffer.from(text, 'latin1')),
    isFresh,
    rate,
    isRunning: true,
    next: 0,
    answers: 0,
    wrong: 0,
    idle: [],
    waiting: [],
    open: 0,
    connections,
    milliseconds: [],
    buffer: Buffer.alloc(BUFFER_BYTES),
  };
  if (rate === null) {
    for (let number = 0; number < connections; number += 1) {
      askAgain(started, null);
    }
  } else {
    askOnSchedule(started);
  }
  return started;
}

function askAgain(state, socket) {
  ask(state, socket, (used) => {
    state.answers += 1;
    if (state.isRunning) {
      askAgain(state, used);
    } else {
      used?.destroy();
    }
  });
}

/** The moments are drawn beforehand; one that finds no free connection waits, and its time runs. */
function askOnSchedule(state) {
  let due = performance.now();
  function tick() {
    const now = performance.now();
    while (due <= now) {
      state.waiting.push(due);
      due += (-Math.log(1 - Math.random()) / state.rate) * 1000;
    }
    askWaiting(state);
    if (state.isRunning) {
      // No timer is as fine as the rates are: this process spins, on a CPU of its own.
      setImmediate(tick);
    } else {
      state.idle.forEach((socket) => socket.destroy());
    }
  }
  tick();
}

function askWaiting(state) {
  let taken = 0;
  while (taken < state.waiting.length && state.open < state.connections) {
    const due = state.waiting[taken];
    taken += 1;
    state.open += 1;
    ask(state, state.idle.pop() ?? null, (used) => {
      state.answers += 1;
      state.open -= 1;
      state.milliseconds.push(performance.now() - due);
      if (used !== null) {
        state.idle.push(used);
      }
    });
  }
  state.waiting.splice(0, taken);
}

/** Sends the next request; hands on the socket if it can be used again. */
function ask(state, socket, answered) {
  const request = state.requests[state.next];
  state.next = (state.next + 1) % state.requests.length;
  const used = socket ?? openSocket(state);
  used.onAnswer = answered;
  used.write(request);
}

function openSocket(state) {
  const answer = { missing: null, head: '' };
  const socket = connect({
    port: state.port,
    host: '127.0.0.1',
    noDelay: true,
    // Read into one piece of memory, again and again, past the machinery of streams.
    onread: {
      buffer: state.buffer,
      callback(length, bytes) {
        if (readAnswer(answer, bytes.subarray(0, length))) {
          state.wrong += answer.isWrong ? 1 : 0;
          if (!state.isFresh) {
            socket.onAnswer(socket);
          }
        }
      },
    },
  });
  socket.on('error', () => {
    state.wrong += 1;
  });
  socket.on('close', () => {
    if (state.isFresh && state.isRunning) {
      socket.onAnswer(null);
    }
  });
  return socket;
}

/** True once the answer is whole. */
function readAnswer(answer, bytes) {
  if (answer.missing !== null) {
    answer.missing -= bytes.length;
  } else {
    const before = answer.head.length;
    answer.head += bytes.latin1Slice(0, Math.min(bytes.length, MAX_HEAD));
    const end = answer.head.indexOf(END_OF_HEAD);
    if (end === -1) {
      return false;
    }
    const length = Number(CONTENT_LENGTH.exec(answer.head.slice(0, end))?.[1]);
    answer.missing = end + END_OF_HEAD.length + length - before - bytes.length;
    answer.isWrong = !answer.head.startsWith('HTTP/1.1 2');
  }
  if (answer.missing > 0) {
    return false;
  }
  answer.missing = null;
  answer.head = '';
  return true;
}

function latenciesSince(state) {
  const sorted = state.milliseconds.toSorted((a, b) => a - b);
  state.milliseconds = [];
  return {
    answers: sorted.length,
    wrong: state.wrong,
    p50: percentile(sorted, 0.5),
    p99: percentile(sorted, 0.99),
    p999: percentile(sorted, 0.999),
    max: sorted.at(-1),
  };
}
