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
function startLoad({
  port,
  requests,
  answered,
  isFresh,
  connections,
  rate = null,
  isAwake = false,
}) {
  const started = {
    port,
    requests: requests.map((text) => Buffer.from(text, 'latin1')),
    firstLine: `HTTP/1.1 ${answered}`,
    isFresh,
    rate,
    isRunning: true,
    next: 0,
    answers: 0,
    wrong: 0,
    idle: [],
    waiting: new Queue(),
    open: 0,
    connections,
    milliseconds: [],
    buffer: Buffer.alloc(BUFFER_BYTES),
  };
  if (rate === null) {
    if (isAwake) {
      stayAwake(started);
    }
    for (let number = 0; number < connections; number += 1) {
      askAgain(started, null);
    }
  } else {
    askOnSchedule(started);
  }
  return started;
}

/** As it is with a rate: what a server can do depends on how soon its answers are taken. */
function stayAwake(state) {
  if (state.isRunning) {
    setImmediate(stayAwake, state);
  }
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
  while (state.waiting.length > 0 && state.open < state.connections) {
    const due = state.waiting.shift();
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
}

/** First in, first out, however many wait: an array would move them all. */
class Queue {
  #items = [];
  #first = 0;

  get length() {
    return this.#items.length - this.#first;
  }

  push(item) {
    this.#items.push(item);
  }

  shift() {
    const item = this.#items[this.#first];
    this.#first += 1;
    if (this.#first > 1000 && this.#first > this.#items.length / 2) {
      this.#items = this.#items.slice(this.#first);
      this.#first = 0;
    }
    return item;
  }
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
  const { firstLine } = state;
  const answer = { firstLine, missing: null, head: '', hasAnswered: false };
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
  socket.on('error', () => {});
  socket.on('close', () => {
    const place = state.idle.indexOf(socket);
    if (place !== -1) {
      // The server had it rest for long enough.
      state.idle.splice(place, 1);
    } else if (state.isFresh && answer.hasAnswered) {
      socket.onAnswer(null);
    } else if (state.isRunning && answer.hasAnswered && answer.head === '') {
      // It did so while the request was on its way, which every client then sends once more.
      ask(state, null, socket.onAnswer);
    } else if (state.isRunning) {
      state.wrong += 1;
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
    answer.isWrong = !answer.head.startsWith(answer.firstLine);
  }
  if (answer.missing > 0) {
    return false;
  }
  answer.missing = null;
  answer.head = '';
  answer.hasAnswered = true;
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
