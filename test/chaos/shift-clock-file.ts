/** The environment variable that names the file with the shift in milliseconds. */
export const CLOCK_FILE = 'PULLGATE_TEST_CLOCK_FILE';
