/**
 * The same text in memory of its own, for what is kept. V8 cuts a string out of another by pointing into
 * it, so that a name kept for hours would keep the whole request that it stood in.
 */
export function ownText(text: string): string {
  return Buffer.from(text).toString();
}
