/** Imported before anything else, in every Node process of a whole run: notes each secret that is made. */

import { Secret } from '../../src/credentials.js';
import { noteSecret } from './run-evidence.js';

const generate = Secret.generate.bind(Secret);

Secret.generate = function generateAndNote(prefix?: string) {
  const secret = generate(prefix);
  noteSecret(secret.reveal());
  return secret;
};
