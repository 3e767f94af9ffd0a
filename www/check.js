// @ts-check
/** The badge: the gradient on screen held against central differences, when asked for, a part of a frame at a time. */

import { el, setAttributes, setText } from './dom.js';

/** @import { App } from './app.js' */

/** Time for computing in one frame, ms: less than would be felt. */
const SLICE = 24;

export class Check {
  /** @param {App} app */
  constructor(app) {
    this.app = app;
    this.lane = '';
    this.frame = 0;
    this.button = el('button', { type: 'button', class: 'edged' });
    this.verdict = el('b');
    this.bar = el('progress', { max: 1, value: 0, 'aria-label': 'Checked so far' });
    this.words = el('p');
    this.node = el('section', { class: 'check', 'aria-label': 'Gradient check' },
      el('div', {}, this.button, this.bar, el('span', { role: 'status' }, this.verdict)), this.words);
    this.button.addEventListener('click', () => (app.session.check().state === 'running' ? this.stop() : this.begin()));
  }

  begin() {
    this.app.session.checkBegin();
    this.go();
  }

  stop() {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    this.app.session.checkStop();
    this.update(this.lane);
  }

  /** One frame's part, and asks for the next. */
  go() {
    const { session } = this.app;
    const end = performance.now() + SLICE;
    let more = true;
    while (more && performance.now() < end) more = session.checkAdvance();
    this.frame = more ? requestAnimationFrame(() => this.go()) : 0;
    this.update(this.lane);
  }

  /** @param {string} lane its name */
  update(lane) {
    this.lane = lane;
    const { state, share, verdict, words } = this.app.session.check();
    const running = state === 'running';
    if (running && !this.frame) this.frame = requestAnimationFrame(() => this.go());
    setText(this.button, running ? 'Stop' : state === 'unasked' ? 'Check the gradient' : 'Check again');
    setAttributes(this.button, { title: `Hold every gradient of the ${lane} against central differences` });
    this.bar.hidden = !running;
    this.bar.value = share;
    // A number that changes with every frame is not read aloud.
    setText(this.verdict, running ? '' : verdict);
    this.verdict.className = verdict.startsWith('agrees') ? 'holds' : '';
    setText(this.words, words);
    this.words.hidden = !words;
  }
}
