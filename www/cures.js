// @ts-check
/** "Try a cure": a menu beside a lane's diagnosis; each cure is a twin of the lane, below it. */

import { el } from './dom.js';

/** @import { App } from './app.js' */

/** Room between the menu and the edge of the page, px. */
const EDGE = 8;

/**
 * Opens the menu of a lane's cures beside the button that asked for it.
 * @param {App} app
 * @param {number} index
 * @param {HTMLElement} button
 */
export function openCures(app, index, button) {
  const lane = app.overview.lanes[index];
  if (!lane?.cures.length) return;
  const menu = el('div', { class: 'menu cures', popover: 'auto', role: 'dialog', 'aria-label': `Cures for ${lane.name}` });
  const items = lane.cures.map(({ cure, label, why }) => {
    const item = el('button', { type: 'button' }, el('b', {}, label), el('span', {}, why));
    item.addEventListener('click', () => {
      menu.hidePopover();
      app.change((session) => session.cure(index, cure), { experiment: true, remember: 'push' });
    });
    return item;
  });
  menu.append(el('h2', {}, `Add a cured twin of ${lane.name}`), ...items);
  menu.addEventListener('toggle', (event) => {
    if (!(event instanceof ToggleEvent) || event.newState === 'open') return;
    menu.remove();
    if (button.isConnected && !button.hidden) button.focus();
  });
  document.body.append(menu);
  menu.showPopover();
  const box = button.getBoundingClientRect();
  const { width, height } = menu.getBoundingClientRect();
  menu.style.left = `${Math.max(EDGE, Math.min(box.left, innerWidth - width - EDGE))}px`;
  menu.style.top = `${Math.max(EDGE, Math.min(box.bottom + 4, innerHeight - height - EDGE))}px`;
  items[0]?.focus();
}
