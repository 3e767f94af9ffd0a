// @ts-check
/** Below the equations: what is loaded when it is opened first. */

import { byId, el, setAttributes, svg } from './dom.js';

/** @import { App, Dirty } from './app.js' */

export class More {
  /** @param {App} app */
  constructor(app) {
    this.app = app;
    this.body = el('div', { id: 'matrices', hidden: true });
    const caret = svg('svg', { class: 'caret', width: 8, height: 5, 'aria-hidden': 'true' }, svg('path', { d: 'M.5.5 4 4 7.5.5', fill: 'none', stroke: 'currentColor', 'stroke-width': 1.3 }));
    this.toggle = el('button', { type: 'button', 'aria-expanded': 'false', 'aria-controls': 'matrices' }, 'Weights and inputs', caret);
    this.toggle.addEventListener('click', () => {
      const open = !app.overview.matrix;
      app.change((session) => (open ? session.look('', false) : session.lookAway()));
      // What opens at the foot would else stay out of sight.
      if (open) void this.load().then(() => {
        app.draw();
        this.node.scrollIntoView({ block: 'start' });
      });
    });
    const sheet = el('button', { type: 'button', title: 'Every step of this lane on paper, with or without the answers' }, 'Worksheet');
    sheet.addEventListener('click', () => void import('./worksheet.js').then(({ openWorksheet }) => openWorksheet(app, sheet)));
    this.node = el('section', { class: 'extras' }, el('div', { class: 'extras-head' }, el('h3', {}, this.toggle), sheet), this.body);
    /** @type {import('./matrices.js').Matrices | null} */
    this.matrices = null;
    /** @type {Promise<void> | null} */
    this.loading = null;
    app.reveal = () => void this.load().then(() => {
      app.draw();
      this.matrices?.focus();
    });
  }

  /** Loads the matrices, once. */
  load() {
    this.loading ??= import('./matrices.js').then(async ({ Matrices, ready }) => {
      await ready;
      this.matrices = new Matrices(this.app, this.body);
      this.app.resized();
    });
    return this.loading;
  }

  /** The place in the inspector. */
  mount() {
    const inspector = byId('inspector', HTMLElement);
    let place = document.getElementById('inspector-more');
    if (!place) inspector.append(place = el('div', { id: 'inspector-more' }));
    place.append(this.node);
  }

  /**
   * @param {App} app
   * @param {Dirty} dirty
   */
  update(app, dirty) {
    if (!this.node.isConnected) this.mount();
    const { matrix } = app.overview;
    setAttributes(this.toggle, { 'aria-expanded': String(matrix) });
    this.body.hidden = !matrix;
    if (matrix && !this.matrices) void this.load();
    if (app.inspects) this.matrices?.update(app, dirty);
  }
}
