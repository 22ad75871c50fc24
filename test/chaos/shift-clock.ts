/** Imported first by a process whose clock is to jump: reads by how much at each SIGUSR2. */

import { readFileSync } from 'node:fs';
import { CLOCK_FILE } from './shift-clock-file.js';

const RealDate = Date;
let shiftMs = 0;

process.on('SIGUSR2', () => {
  shiftMs = Number(readFileSync(process.env[CLOCK_FILE] ?? '', 'utf8'));
  process.stdout.write(`{"level":"info","msg":"clock shifted","milliseconds":${shiftMs}}\n`);
});

class ShiftedDate extends RealDate {
  constructor(value?: number | string | Date) {
    super(value ?? ShiftedDate.now());
  }

  static override now(): number {
    return RealDate.now() + shiftMs;
  }
}

Object.defineProperty(globalThis, 'Date', { value: ShiftedDate });
