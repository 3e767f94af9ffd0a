// @ts-check
/** Where the figure is higher than its place, a line below it says so and leads to the rest. */

import { byId, setText } from './dom.js';

/** @import { App, Dirty } from './app.js' */

export class Further {
  constructor() {
    this.view = byId('view', HTMLElement);
    this.button = byId('further', HTMLButtonElement);
    this.view.addEventListener('scroll', () => this.say(), { passive: true });
    this.button.addEventListener('click', () => this.view.scrollTo({ top: this.atEnd() ? 0 : this.view.scrollHeight }));
  }

  /** Whether the chart's end is in view. */
  atEnd() {
    const { scrollTop, clientHeight, scrollHeight } = this.view;
    return scrollTop + clientHeight > scrollHeight - 2;
  }

  /** Names what is out of view. */
  say() {
    if (!this.button.hidden) setText(this.button, this.atEnd() ? 'Lanes above ▴' : document.documentElement.dataset['tab'] ? 'Lanes below ▾' : 'Chart below ▾');
  }

  /**
   * @param {App} app
   * @param {Dirty} dirty
   */
  update(app, dirty) {
    const { layout, view } = app;
    if (!dirty.layout || !layout || !view) return;
    const shown = view.mode !== 'phone' && layout.height > view.height;
    if (this.button.hidden !== shown) return;
    this.button.hidden = !shown;
    this.say();
  }
}
