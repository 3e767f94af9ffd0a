// @ts-check
/** Opened files that are too long for the address: this tab keeps them, the address names them. */

/** @import { Session } from './engine.js' */

/** @type {Map<string, string>} */
const kept = new Map();

/**
 * The name of the kept file in an address.
 * @param {string} hash
 */
function name(hash) {
  return /(?:^|&)stored=([0-9a-f]+)/.exec(hash)?.[1];
}

/**
 * Keeps what the address of a session only names.
 * @param {string} hash
 * @param {Session} session
 */
export function keep(hash, session) {
  const file = name(hash);
  if (!file || kept.has(file)) return;
  const text = session.stored();
  if (text === undefined) return;
  kept.set(file, text);
  try {
    sessionStorage.setItem(`file ${file}`, text);
  } catch {
    // Too large for the browser's store: it is there until the page is loaded again.
  }
}

/**
 * The file that an address names.
 * @param {string} hash
 * @returns {string | undefined}
 */
export function recall(hash) {
  const file = name(hash);
  if (!file) return undefined;
  try {
    return kept.get(file) ?? sessionStorage.getItem(`file ${file}`) ?? undefined;
  } catch {
    return undefined;
  }
}
