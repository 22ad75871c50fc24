/** `npm start`: set up what is missing, then everything on this machine. */

import { requirePrograms, setUpToStart } from './setup.mjs';

requirePrograms([{ program: 'git', debianPackage: 'git' }]);
await setUpToStart();
// In this process, so that a signal to it reaches the service and not a parent that only waits.
process.argv.splice(1, 1, 'dist/src/quickstart/main.js');
await import('../dist/src/quickstart/main.js');
