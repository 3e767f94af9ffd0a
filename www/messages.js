// @ts-check
/** The error bar and the short note. One message at a time, exact, and what was on screen stays. */

import { byId, setText } from './dom.js';

/** How long a note stays, ms. */
const SHORT = 2400;

/**
 * Shows an error: what went wrong, where it came from, the engine's own words.
 * @param {string} title
 * @param {string} place
 * @param {string} message
 * @param {boolean} choose whether choosing another file helps
 */
export function showError(title, place, message, choose = false) {
  setText(byId('error-title', HTMLElement), title);
  setText(byId('error-place', HTMLElement), place);
  setText(byId('error-message', HTMLElement), message);
  byId('error-choose', HTMLElement).hidden = !choose;
  byId('error', HTMLElement).hidden = false;
  note('');
}

/**
 * Takes the error away.
 * @returns {boolean} whether there was one
 */
export function dismissError() {
  const bar = byId('error', HTMLElement);
  if (bar.hidden) return false;
  if (bar.contains(document.activeElement)) byId('figure', HTMLElement).focus({ preventScroll: true });
  bar.hidden = true;
  return true;
}

let timer = 0;

/**
 * Says something short, in passing.
 * @param {string} text
 */
export function note(text) {
  const node = byId('note', HTMLElement);
  setText(node, text);
  clearTimeout(timer);
  timer = window.setTimeout(() => setText(node, ''), SHORT);
}

/** Connects the error's buttons. */
export function connectMessages() {
  byId('error-dismiss', HTMLElement).addEventListener('click', () => dismissError());
  byId('error-choose', HTMLElement).addEventListener('click', () => byId('file', HTMLInputElement).click());
}
