import type { DeployToken } from '../../access/deploy-token.js';
import type { OwnedPrefix } from '../../access/project.js';
import { asAppError } from '../database-errors.js';
import {
  answerOf,
  countNames,
  type Answer,
  type Found,
  type LookUp,
  type Question,
} from '../lookups.js';
import { batchByTurn } from '../turn-batch.js';
import { MYSQL_FAILURES } from './failures.js';
import { AT_ONCE, fillUp, IN_FLIGHT } from './keys.js';
import type { Cells } from './line.js';
import type { Read } from './reader.js';
import { AN_OWNED_PREFIX, digestOf, ownedPrefixOf, prefixOf, tokenOf, unionOf } from './union.js';

/**
 * All that a turn asks is one statement, or as few as it takes. Who asks for no project, as git does, or
 * for a few, as a pull does, waits for nobody who asks for hundreds.
 */
export function mysqlLookUp(read: Read): LookUp {
  const tokens = lookUpTogether(read);
  const tokensAndPrefixes = lookUpTogether(read);
  const tokensAndMany = lookUpTogether(read);
  return async (question) => {
    const { length } = question.prefixes;
    const some = length > AT_ONCE ? tokensAndMany : tokensAndPrefixes;
    return await (length === 0 ? tokens : some)(question);
  };
}

function lookUpTogether(read: Read): LookUp {
  return batchByTurn<Question, Answer>({
    async load(questions) {
      const digests = new Set<string>();
      const prefixes = new Set<string>();
      for (const question of questions) {
        if (question.secretDigest !== null) {
          digests.add(question.secretDigest);
        }
        for (const prefix of question.prefixes) {
          prefixes.add(prefix);
        }
      }
      const found = await readAll(read, [...digests], [...prefixes]);
      return questions.map((question) => () => answer(question, found));
    },
    atMost: AT_ONCE,
    inFlight: IN_FLIGHT,
  });
}

interface FoundRows {
  /** By digest, in base64. */
  readonly tokens: Map<string, Found<DeployToken>>;
  readonly owned: Map<string, Found<OwnedPrefix>>;
}

function answer({ secretDigest, prefixes }: Question, { tokens, owned }: FoundRows): Answer {
  const found = prefixes.flatMap((prefix) => owned.get(prefix) ?? []);
  for (let missing = countNames(prefixes) - found.length; missing > 0; missing -= 1) {
    ownedPrefixOf(AN_OWNED_PREFIX);
  }
  return answerOf(secretDigest === null ? null : (tokens.get(secretDigest) ?? null), found);
}

/** What there is of these. No more digests come than one statement takes. */
async function readAll(
  read: Read,
  digests: readonly string[],
  prefixes: readonly string[],
): Promise<FoundRows> {
  const found: FoundRows = { tokens: new Map(), owned: new Map() };
  try {
    let asked = digests;
    for (let start = 0; start === 0 || start < prefixes.length; start += AT_ONCE) {
      for (const row of await readSome(read, asked, prefixes.slice(start, start + AT_ONCE))) {
        take(found, row);
      }
      asked = [];
    }
    return found;
  } catch (error) {
    throw asAppError(error, MYSQL_FAILURES);
  }
}

async function readSome(
  read: Read,
  digests: readonly string[],
  prefixes: readonly string[],
): Promise<readonly Cells[]> {
  const bytes = fillUp(digests).map((digest) => Buffer.from(digest, 'base64'));
  const texts = fillUp(prefixes);
  return bytes.length + texts.length === 0
    ? []
    : await read(unionOf(bytes.length, texts.length), [...bytes, ...texts]);
}

/** A row that cannot be read fails only the question that asked for it. */
function take({ tokens, owned }: FoundRows, row: Cells): void {
  const digest = digestOf(row);
  if (digest === null) {
    owned.set(prefixOf(row), () => ownedPrefixOf(row));
  } else {
    tokens.set(digest, () => tokenOf(row));
  }
}
