// @ts-check
/** The menu of lessons, and what stands over the figure while one is open. */

import { byId, el, setAttributes, setText } from './dom.js';

/** @import { App } from './app.js' */
/** @import { Lesson, Overview } from './engine.js' */

/**
 * Fills the menu.
 * @param {App} app
 */
export function fillLessons(app) {
  const menu = byId('lesson-menu', HTMLElement);
  const list = (/** @type {string} */ id, /** @type {string} */ head, /** @type {Pick<Lesson, 'title' | 'says' | 'link'>[]} */ lessons) => {
    const items = lessons.map(({ title, says, link }) => el('li', {}, el('a', { href: `#${link}` }, el('b', {}, title), el('span', {}, says))));
    return [el('h2', { id }, head), el('ul', { 'aria-labelledby': id }, ...items)];
  };
  const [first, ...traps] = app.session.lessons();
  const free = { title: 'Explore freely', says: 'The opening experiment, with everything to change.', link: '' };
  menu.replaceChildren(
    ...list('lesson-first', 'To begin with', first ? [first] : []),
    ...list('lesson-traps', 'Traps, each with an experiment that shows it', traps),
    ...list('lesson-free', 'Or', [free]),
  );
  menu.querySelectorAll('a').forEach((link) => link.addEventListener('click', () => menu.hidePopover()));
}

/** What the opened lesson says, what there is to do, and the ways out of it. */
export class Banner {
  /**
   * @param {App} app
   * @param {HTMLElement} place
   */
  constructor(app, place) {
    this.title = el('b');
    this.says = el('span');
    this.task = el('b');
    this.again = el('a', {}, 'Back to the lesson');
    this.changed = el('span', { class: 'changed' }, 'Changed since: the sentence speaks of the experiment as it opened. ', this.again);
    this.next = el('a', { class: 'next' });
    this.close = el('button', { type: 'button', class: 'edged' }, 'Close');
    this.close.setAttribute('aria-label', 'Close the lesson');
    this.close.addEventListener('click', () => {
      app.change((session) => session.closeLesson(), { remember: 'push' });
      app.resized();
      byId('figure', HTMLElement).focus({ preventScroll: true });
    });
    this.node = el('div', { class: 'lesson-box', role: 'region', 'aria-label': 'Lesson' },
      el('div', { 'aria-live': 'polite' }, el('p', {}, this.title, ' ', this.says), el('p', {}, this.task, ' ', this.changed)), el('p', { class: 'lesson-acts' }, this.next, this.close));
    place.append(this.node);
  }

  /** @param {Overview['lesson']} lesson */
  update(lesson) {
    this.node.hidden = !lesson;
    if (!lesson) return;
    setText(this.title, `${lesson.title}.`);
    setText(this.says, lesson.says);
    setText(this.task, lesson.task);
    this.changed.hidden = !lesson.changed;
    setAttributes(this.again, { href: `#${lesson.link}` });
    this.next.hidden = !lesson.next;
    setText(this.next, 'Next lesson');
    setAttributes(this.next, { href: `#${lesson.next?.link ?? ''}`, title: lesson.next?.title ?? '' });
  }
}
