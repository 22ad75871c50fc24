/**
 * Counts and times requests. Every label has a fixed set of values, made here, so that nothing that a
 * client sends can grow the number of series; each series is looked up once, before the first request.
 */

import { Counter, Histogram, type Registry } from 'prom-client';
import type { DoorName } from '../access/actor.js';
import { REFUSALS, type Refusal } from '../access/credential.js';

/** What is read of a request once it is over: see http/request-record.ts. */
export interface ObservedRequest {
  readonly status: number;
  readonly microseconds: number;
  readonly door: DoorName | null;
  readonly refusedCredentials: {
    readonly refusal: Refusal;
    readonly deployToken?: unknown;
  } | null;
  readonly granted: readonly unknown[] | null;
}

export type RequestObserver = (request: ObservedRequest) => void;

const DEPLOY_TOKEN_DOORS = ['registry', 'git'] as const;
const TOKEN_DOORS = [...DEPLOY_TOKEN_DOORS, 'api'] as const;
/** `other` is what no door claims: health checks, keys, unknown addresses. */
const DOORS = [...TOKEN_DOORS, 'web', 'other'] as const;

const RESULTS = {
  granted: ['access', 'nothing'],
  refused: [...REFUSALS, 'no_credentials', 'forbidden', 'not_found', 'bad_request', 'other'],
  failed: ['unavailable', 'error', 'client_gone'],
} as const;
type Reason = (typeof RESULTS)[keyof typeof RESULTS][number];

const REASON_OF_STATUS: ReadonlyMap<number, Reason> = new Map([
  [401, 'no_credentials'],
  [403, 'forbidden'],
  [404, 'not_found'],
  [429, 'rate_limited'],
  [499, 'client_gone'],
  [503, 'unavailable'],
]);

const CODES = ['2xx', '3xx', '4xx', '5xx', 'gone'] as const;

/** From half a millisecond, for the token door, to half an hour, for a clone over a slow line. */
const BUCKETS = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800,
];

export function observeRequests(registry: Registry): RequestObserver {
  const registers = [registry];
  const observeTraffic = trafficObserver(registers);
  const observeTokens = tokenRequestObserver(registers);
  const observeInactive = inactiveTokenObserver(registers);
  const observeSignIns = refusedSignInObserver(registers);

  return (request) => {
    observeTraffic(request);
    observeTokens(request);
    if (request.refusedCredentials !== null) {
      observeInactive(request);
      observeSignIns(request);
    }
  };
}

function trafficObserver(registers: Registry[]): RequestObserver {
  const requests = new Counter({
    name: 'pullgate_requests_total',
    help: 'Requests by door and class of status code; `gone` is a client that left before its answer.',
    labelNames: ['door', 'code'],
    registers,
  });
  const duration = new Histogram({
    name: 'pullgate_request_duration_seconds',
    help: 'Time from the arrival of a request to the end of its answer.',
    labelNames: ['door'],
    buckets: BUCKETS,
    registers,
  });
  const byDoor = seriesOf(DOORS, (door) => {
    duration.zero({ door });
    return {
      duration: duration.labels(door),
      codes: seriesOf(CODES, (code) => started(requests, { door, code })),
    };
  });
  const other = byDoor.get('other');

  return ({ status, microseconds, door }) => {
    const series = byDoor.get(door) ?? other;
    series?.duration.observe(microseconds / 1e6);
    series?.codes.get(codeOf(status))?.inc();
  };
}

function tokenRequestObserver(registers: Registry[]): RequestObserver {
  const requests = new Counter({
    name: 'pullgate_token_requests_total',
    help: 'Requests at the doors that take tokens, by what came of them and why.',
    labelNames: ['door', 'result', 'reason'],
    registers,
  });
  const byDoor = seriesOf(
    TOKEN_DOORS,
    (door) =>
      new Map<string, Series>(
        Object.entries(RESULTS).flatMap(([result, reasons]) =>
          reasons.map((reason) => [reason, started(requests, { door, result, reason })] as const),
        ),
      ),
  );

  return (request) => {
    byDoor.get(request.door)?.get(reasonOf(request))?.inc();
  };
}

/** Deploy tokens alone: somebody still has one in a configuration, and its maintainers can tell who. */
function inactiveTokenObserver(registers: Registry[]): RequestObserver {
  const presented = new Counter({
    name: 'pullgate_inactive_deploy_tokens_presented_total',
    help: 'Requests with the genuine secret and username of a deploy token that is expired or revoked.',
    labelNames: ['door', 'status'],
    registers,
  });
  const byDoor = seriesOf(DEPLOY_TOKEN_DOORS, (door) =>
    seriesOf(['expired', 'revoked'], (status) => started(presented, { door, status })),
  );

  return ({ door, refusedCredentials }) => {
    if (refusedCredentials?.deployToken !== undefined) {
      byDoor.get(door)?.get(refusedCredentials.refusal)?.inc();
    }
  };
}

function refusedSignInObserver(registers: Registry[]): RequestObserver {
  const refused = new Counter({
    name: 'pullgate_sign_ins_refused_total',
    help: 'Sign-ins to the web pages that were refused.',
    labelNames: ['reason'],
    registers,
  });
  const byReason = seriesOf(REFUSALS, (reason) => started(refused, { reason }));

  return ({ door, refusedCredentials }) => {
    if (door === 'web') {
      byReason.get(refusedCredentials?.refusal)?.inc();
    }
  };
}

function reasonOf({ status, refusedCredentials, granted }: ObservedRequest): Reason {
  if (refusedCredentials !== null) {
    return refusedCredentials.refusal;
  }
  if (status < 400) {
    return granted?.length === 0 ? 'nothing' : 'access';
  }
  return REASON_OF_STATUS.get(status) ?? (status < 500 ? 'bad_request' : 'error');
}

function codeOf(status: number): (typeof CODES)[number] {
  if (status === 499) {
    return 'gone';
  }
  if (status < 400) {
    return status < 300 ? '2xx' : '3xx';
  }
  return status < 500 ? '4xx' : '5xx';
}

type Series = Counter.Internal;

/** By label value, of which nothing but these is ever found. */
function seriesOf<Value extends string, T>(
  values: readonly Value[],
  make: (value: Value) => T,
): ReadonlyMap<unknown, T> {
  return new Map(values.map((value) => [value, make(value)]));
}

/** Told as 0 from the start: a first refusal in an hour is an increase, and not a new series. */
function started<Label extends string>(
  counter: Counter<Label>,
  labels: Readonly<Record<Label, string>>,
): Series {
  counter.inc(labels, 0);
  return counter.labels(labels);
}
