// @ts-check
/** Undo and redo, by button and by key. The engine keeps the steps; a text that is being typed keeps its own. */

import { byId, setAttributes } from './dom.js';
import { note } from './messages.js';

/** @import { App, Dirty } from './app.js' */

/**
 * Whether the browser itself undoes what is typed there.
 * @param {EventTarget | null} target
 */
function typesText(target) {
  if (target instanceof HTMLInputElement) return target.type === 'text';
  return target instanceof HTMLTextAreaElement;
}

export class Undo {
  /** @param {App} app */
  constructor(app) {
    this.app = app;
    this.buttons = { undo: byId('undo', HTMLButtonElement), redo: byId('redo', HTMLButtonElement) };
    this.root = document.documentElement;
    this.buttons.undo.addEventListener('click', () => this.go('undo'));
    this.buttons.redo.addEventListener('click', () => this.go('redo'));
    addEventListener('keydown', (event) => this.key(event));
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.defaultPrevented) return;
    const key = event.key.toLowerCase();
    const which = key === 'z' ? (event.shiftKey ? 'redo' : 'undo') : key === 'y' && !event.shiftKey ? 'redo' : null;
    if (!which || typesText(event.target) || document.querySelector('dialog[open]')) return;
    event.preventDefault();
    this.go(which);
  }

  /** @param {'undo' | 'redo'} which */
  go(which) {
    const { app } = this;
    app.flush();
    app.settle();
    if (app.session.stepsBack()[which === 'undo' ? 0 : 1] === null) return;
    app.hand.key = undefined;
    /** @type {string | undefined} */
    let words;
    app.change((session) => { words = session[which](); }, {
      experiment: true, remember: 'push', done: () => note(`${which === 'undo' ? 'Undone' : 'Redone'}: ${words}`),
    });
  }

  /**
   * @param {App} app
   * @param {Dirty} dirty
   */
  update(app, dirty) {
    if (!dirty.experiment) return;
    const [back, on] = app.session.stepsBack();
    for (const [button, name, words] of /** @type {const} */ ([[this.buttons.undo, 'Undo', back], [this.buttons.redo, 'Redo', on]])) {
      setAttributes(button, {
        'aria-disabled': words === null ? 'true' : null,
        'aria-label': words === null ? name : `${name}: ${words}`,
        title: words === null ? `Nothing to ${name.toLowerCase()}` : `${name}: ${words}`,
      });
    }
    setAttributes(this.root, { 'data-undo': back === null && on === null ? null : '' });
  }
}
