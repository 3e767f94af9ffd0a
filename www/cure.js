// @ts-check
/** The button of a lane that offers cures; what they are is loaded when they are asked for. */

import { byId, el, setAttributes } from './dom.js';

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
 * A button that runs a lane again with its gradient clipped, where that mends what broke.
 * @param {App} app
 * @param {() => number} index
 */
export function retryButton(app, index) {
  const button = el('button', { type: 'button', class: 'cure', hidden: true }, 'Retry with clipping');
  button.addEventListener('click', () => {
    app.change((session) => session.retry(index()), { experiment: true, remember: 'push' });
    // The button goes with what broke.
    byId('figure', HTMLElement).focus({ preventScroll: true });
  });
  return button;
}

/**
 * @param {HTMLButtonElement} cure
 * @param {HTMLButtonElement} retry
 * @param {Lane} lane
 * @param {boolean} room
 * @param {boolean} [both] whether there is room for both; else retrying comes first
 */
export function updateCure(cure, retry, lane, room, both = false) {
  retry.hidden = !room || !lane.retries;
  setAttributes(retry, { 'aria-label': `Retry ${lane.name} with clipping: ${lane.gauge.verdict}` });
  cure.hidden = !room || lane.cures.length === 0 || (lane.retries && !both);
  setAttributes(cure, { 'aria-label': `Try a cure for ${lane.name}: ${lane.gauge.verdict}` });
}
