/** `npm start`: `pullgate quickstart` as a program of its own. Neither the image nor the package has it. */

import { contextOf } from '../cli/context.js';
import { addQuickstart, newProgram, runProgram } from '../cli/program.js';
import { quickstart } from './quickstart.js';

const context = contextOf(process);
const program = newProgram('npm start --', context);
addQuickstart(program, context, quickstart);
process.exitCode = await runProgram(program, process.argv.slice(2), context);
