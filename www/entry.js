// @ts-check
/** One number of the selected lane: what it is, and what changes it. */

import { el, setAttributes, setText, unbroken } from './dom.js';

/** @import { App } from './app.js' */
/** @import { EntryFacts, Matrices, Session } from './engine.js' */

export class Entry {
  /**
   * @param {App} app
   * @param {() => void} leave gives the focus back to the matrices
   */
  constructor(app, leave) {
    this.app = app;
    /** Names the hand's movement: the lane and the number. */
    this.key = '';
    /** @type {EntryFacts | null} */
    this.facts = null;
    this.name = el('b');
    this.meaning = el('span');
    this.value = el('span');
    this.gradient = el('span', { class: 'grad' });
    this.words = el('div', { class: 'entry', id: 'entry-words', 'aria-live': 'polite' },
      el('p', {}, this.name, ' ', this.meaning),
      el('dl', {}, el('dt', {}, 'value'), el('dd', {}, this.value), el('dt', {}, 'its gradient'), el('dd', {}, this.gradient)));
    this.input = el('input', { type: 'text', class: 'num', autocomplete: 'off', spellcheck: 'false' });
    this.slider = el('input', { type: 'range', step: 0.01 });
    this.reset = el('button', { type: 'button', class: 'edged' }, 'Reset');
    this.leads = el('button', { type: 'button', class: 'plain leads' });
    this.before = el('span', { class: 'before' });
    this.wrong = el('p', { class: 'wrong', id: 'entry-wrong', 'aria-live': 'polite', hidden: true });
    this.changes = el('span');
    this.resetAll = el('button', { type: 'button', class: 'plain' });
    this.foot = el('p', { class: 'changes' }, this.changes, this.resetAll);
    this.node = el('div', {}, this.words, el('div', { class: 'edit' }, this.input, this.slider, this.reset, this.before, this.leads, this.wrong), this.foot);
    this.input.addEventListener('change', (event) => this.set(this.input.value, event, true));
    this.input.addEventListener('keydown', (event) => this.typed(event));
    this.slider.addEventListener('input', (event) => this.set(this.slider.value, event, false));
    this.slider.addEventListener('change', (event) => this.set(this.slider.value, event, true));
    this.reset.addEventListener('click', () => {
      this.resetOne();
      this.input.focus();
    });
    this.resetAll.addEventListener('click', () => {
      app.change((session) => session.resetEntries(), { experiment: true, remember: 'push' });
      leave();
    });
  }

  /** The number is what it was before it was changed. */
  resetOne() {
    this.fail('');
    this.app.change((session) => session.resetEntry(), { experiment: true, remember: 'push' });
  }

  /**
   * ↑ and ↓ change the number by a hundredth, with Shift by a tenth.
   * @param {KeyboardEvent} event
   */
  typed(event) {
    const up = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (event.key === 'Escape') {
      this.fail('');
      this.input.value = this.facts?.full ?? '';
    }
    if (!up || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.nudge(this.facts?.value ?? 0, event.shiftKey ? 10 * up : up, event, true);
    this.app.draw();
    this.input.value = this.facts?.full ?? '';
  }

  /**
   * @param {string} value
   * @param {Event} event
   * @param {boolean} final
   */
  set(value, event, final) {
    this.change((session) => session.setEntry(value), event, final);
  }

  /**
   * @param {number} from
   * @param {number} steps
   * @param {Event} event
   * @param {boolean} final
   */
  nudge(from, steps, event, final) {
    this.change((session) => session.nudgeEntry(from, steps), event, final);
  }

  /**
   * While a hand moves, what meets in a frame is one run; the whole movement is one step back.
   * @param {(session: Session) => void} work
   * @param {Event} event
   * @param {boolean} final
   */
  change(work, event, final) {
    const { app, key } = this;
    this.fail('');
    app.change(work, { key, event, experiment: true, remember: final ? 'push' : 'none', failed: (message) => this.fail(message) });
    if (final) app.flush();
  }

  /** @param {string} message */
  fail(message) {
    this.wrong.hidden = !message;
    setText(this.wrong, message);
    setAttributes(this.input, { 'aria-invalid': message ? 'true' : null, 'aria-describedby': message ? this.wrong.id : null });
  }

  /** @param {EntryFacts} entry */
  say(entry) {
    setText(this.name, entry.name);
    setText(this.meaning, unbroken(entry.meaning));
    setText(this.value, entry.full);
    setText(this.gradient, entry.gradientFull);
  }

  /**
   * @param {Matrices} matrices
   * @param {boolean} speaks whether the words are this entry's and not a pointed one's
   */
  update({ lane, name, panel, entry, backward, changes }, speaks) {
    const { input, slider } = this;
    if (speaks) this.say(entry);
    // What is being typed stays, unless the number changes by other means.
    const typing = document.activeElement === input && this.facts?.text === entry.text && this.facts.full === entry.full;
    if (!typing && this.wrong.hidden && input.value !== entry.full) input.value = entry.full;
    this.facts = entry;
    this.key = `entry ${lane} ${entry.text}`;
    input.setAttribute('aria-label', `${entry.name}, value`);
    setAttributes(slider, { min: -entry.reach, max: entry.reach, 'aria-label': entry.name, 'aria-valuetext': entry.shown });
    if (Number(slider.value) !== entry.value) slider.value = String(entry.value);
    slider.style.setProperty('--done', `${((entry.value / entry.reach + 1) * 50).toFixed(2)}%`);
    setAttributes(this.leads, { 'data-go': entry.go });
    setText(this.leads, backward ? 'How its gradient comes about' : 'Where it is used');
    this.reset.hidden = !entry.before;
    this.reset.setAttribute('aria-label', `Reset ${entry.name}`);
    setText(this.before, entry.before ? `was ${entry.before}` : '');
    setText(this.changes, changes);
    this.foot.hidden = !changes;
    setText(this.resetAll, panel === 'x' ? 'Reset all inputs' : `Reset all of ${name}`);
  }
}
