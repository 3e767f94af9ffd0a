// @ts-check
/** The error bar and the short note. One message at a time, exact, and what was on screen stays. */

import { byId, setText } from './dom.js';

/** How long a note stays, ms. */
const SHORT = 2400;

/** @typedef {{ text: string, work: () => void }} Act what helps */

/** Choosing another file helps. @type {Act} */
export const chooseFile = { text: 'Choose a file', work: () => byId('file', HTMLInputElement).click() };

/**
 * Shows an error: what went wrong, where it came from, the engine's own words.
 * @param {string} title
 * @param {string} place
 * @param {string} message
 * @param {Act | null} act
 */
export function showError(title, place, message, act = null) {
  show(title, place, message, act);
  byId('error-unchanged', HTMLElement).hidden = false;
}

/**
 * Shows something that went well, but not as one might think.
 * @param {string} title
 * @param {string} message
 * @param {Act} act
 */
export function showWarning(title, message, act) {
  show(title, '', message, act);
  byId('error-unchanged', HTMLElement).hidden = true;
}

/**
 * @param {string} title
 * @param {string} place
 * @param {string} message
 * @param {Act | null} act
 */
function show(title, place, message, act) {
  setText(byId('error-title', HTMLElement), title);
  setText(byId('error-place', HTMLElement), place);
  setText(byId('error-message', HTMLElement), message);
  const button = byId('error-act', HTMLButtonElement);
  button.hidden = !act;
  setText(button, act?.text ?? '');
  button.onclick = act?.work ?? null;
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

/** Connects the bar's button. */
export function connectMessages() {
  byId('error-dismiss', HTMLElement).addEventListener('click', () => dismissError());
}
