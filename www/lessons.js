// @ts-check
/** The menu of lessons: links to experiments that show one trap each. */

import { byId, el } from './dom.js';

/** @import { App } from './app.js' */

/**
 * Fills the menu.
 * @param {App} app
 */
export function fillLessons(app) {
  const menu = byId('lesson-menu', HTMLElement);
  const items = app.session.lessons().map(({ title, says, link }) => el('li', {}, el('a', { href: `#${link}` }, el('b', {}, title), el('span', {}, says))));
  const free = el('li', {}, el('a', { href: '#' }, el('b', {}, 'Explore freely'), el('span', {}, 'The opening experiment, with everything to change.')));
  menu.replaceChildren(el('h2', { id: 'lesson-menu-head' }, 'Traps, each with an experiment that shows it'), el('ul', { 'aria-labelledby': 'lesson-menu-head' }, ...items, free));
  menu.querySelectorAll('a').forEach((link) => link.addEventListener('click', () => menu.hidePopover()));
}
