/** `npm run dev` starts this, with the port to listen at. */

import { startGallery } from './server.js';

await startGallery(Number(process.argv[2]));
