// @ts-check
/** Examples that tasks need: loaded when such a task is first chosen. */

/** @import { Session } from './engine.js' */

/** @type {Record<string, URL>} */
const FILES = {
  'tags.txt': new URL('./data/tags.txt', import.meta.url),
  'mood.txt': new URL('./data/mood.txt', import.meta.url),
  'names.txt': new URL('./data/names.txt', import.meta.url),
  'digits.txt': new URL('./data/digits.txt', import.meta.url),
};

/**
 * Loads a file and hands it to the session.
 * @param {Session} session
 * @param {string} file
 */
export async function provide(session, file) {
  const address = FILES[file];
  if (!address) throw new Error(`${file}: there is no such file`);
  let text;
  try {
    const response = await fetch(address);
    if (!response.ok) throw new Error(`the server answers ${response.status}`);
    text = await response.text();
  } catch (error) {
    throw new Error(`${file}: the examples could not be loaded (${error instanceof Error ? error.message : error})`);
  }
  session.provide(file, text);
}
