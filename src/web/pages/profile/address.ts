import { ADDRESSES } from '../../addresses.js';

export const PROFILE_ADDRESS = ADDRESSES.profile.path;
/** Two lists on one page: each leaves the other where it is. */
export const TOKENS_AFTER = 'tokens_after';
export const SESSIONS_AFTER = 'sessions_after';
