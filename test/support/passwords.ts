import { createPasswords, type PasswordCost } from '../../src/services/passwords.js';

/** The least that argon2id can cost: a hash takes well under a millisecond. */
export const LOW_COST: PasswordCost = { memoryCost: 8, timeCost: 1, parallelism: 1 };

export const passwords = createPasswords(LOW_COST);
