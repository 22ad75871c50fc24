/** What processes cost, by /proc: Linux only. */

import { readdir, readFile } from 'node:fs/promises';

/** A tick of /proc is a hundredth of a second, on every Linux that Node runs on. */
const TICKS_A_SECOND = 100;

/**
 * CPU seconds that a process and its running descendants have used so far, to the nanosecond: a server
 * that is asked 200 times a second uses few ticks. Threads that have ended are not in it.
 */
export async function fineCpuSeconds(pid) {
  const pids = [pid, ...(await descendantsOf(pid))];
  const nanoseconds = await Promise.all(pids.map(nanosecondsOf));
  return nanoseconds.reduce((sum, each) => sum + each, 0) / 1e9;
}

async function nanosecondsOf(pid) {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const files = threads.map((thread) => `/proc/${pid}/task/${thread}/schedstat`);
  const lines = await Promise.all(
    files.map(async (file) => await readFile(file, 'utf8').catch(() => '0')),
  );
  return lines.reduce((sum, line) => sum + Number(line.split(' ')[0]), 0);
}

/**
 * CPU seconds, user and system, that a process, its running descendants and the children that it has
 * seen end have used so far.
 */
export async function cpuSeconds(pid) {
  const pids = [pid, ...(await descendantsOf(pid))];
  // utime, stime, cutime and cstime.
  const ticks = await Promise.all(
    pids.map(async (each) => (await statFields(each)).slice(11, 15).map(Number)),
  );
  return ticks.flat().reduce((sum, count) => sum + count, 0) / TICKS_A_SECOND;
}

export async function descendantsOf(pid) {
  const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const parents = new Map(
    await Promise.all(
      names.map(async (name) => [Number(name), Number((await statFields(name))[1])]),
    ),
  );
  const found = [pid];
  // The list grows while it is walked: children of children come after them.
  for (const parent of found) {
    found.push(...[...parents.keys()].filter((child) => parents.get(child) === parent));
  }
  return found.slice(1);
}

/** Resident memory in MB: of the process alone, and of what it started beside it. */
export async function residentMegabytes(pid) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}

/** Of /proc/PID/stat, from the state on; none for a process that is gone. */
async function statFields(pid) {
  const line = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return line.slice(line.lastIndexOf(')') + 2).split(' ');
}
