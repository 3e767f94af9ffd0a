// @ts-check
/** The button of a lane that offers cures; what they are is loaded when they are asked for. */

import { el, setAttributes } from './dom.js';

/** @import { App } from './app.js' */
/** @import { Lane } from './engine.js' */

/**
 * A button that opens a menu of cures for a lane.
 * @param {App} app
 * @param {() => number} index
 */
export function cureButton(app, index) {
  const button = el('button', { type: 'button', class: 'cure', 'aria-haspopup': 'dialog', hidden: true }, 'Try a cure');
  button.addEventListener('click', () => void import('./cures.js').then(({ openCures }) => openCures(app, index(), button)));
  return button;
}

/**
 * @param {HTMLButtonElement} button
 * @param {Lane} lane
 * @param {boolean} room
 */
export function updateCure(button, lane, room) {
  button.hidden = !room || lane.cures.length === 0;
  setAttributes(button, { 'aria-label': `Try a cure for ${lane.name}: ${lane.gauge.verdict}` });
}
