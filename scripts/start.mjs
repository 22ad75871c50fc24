/** `npm start`: set up what is missing, then everything on this machine. */

import { setUp } from './setup.mjs';

setUp();
// In this process, so that a signal to it reaches the service and not a parent that only waits.
process.argv.splice(1, 1, 'dist/src/main.js', 'quickstart');
await import('../dist/src/main.js');
