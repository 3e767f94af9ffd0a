// @ts-check
/** The colours in words and ramps, which loss the gradients count, and the choice of heat maps or boxes. */

import { byId, el, setText, svg } from './dom.js';

/** @import { App, Dirty } from './app.js' */

const WIDTH = 49;

export class Legend {
  /** @param {App} app */
  constructor(app) {
    this.root = byId('legend', HTMLElement);
    this.losses = byId('losses', HTMLFieldSetElement);
    this.radios = [...this.losses.querySelectorAll('input')];
    this.picture = byId('picture', HTMLFieldSetElement);
    this.pictures = [...this.picture.querySelectorAll('input')];
    this.why = byId('why', HTMLElement);
    /** @type {boolean | null} */
    this.dark = null;
    for (const radio of this.pictures) radio.addEventListener('change', (event) => this.choose(app, radio.value === 'boxes', event));
    this.why.querySelector('button')?.addEventListener('click', (event) => {
      const { offer } = app.overview.boxes;
      this.why.hidePopover();
      app.change((session) => {
        for (const [key, value] of offer) session.set(key, value);
        session.setBoxes(true);
      }, { experiment: true, remember: 'push', event });
      this.pictures.at(-1)?.focus();
    });
    this.places = el('select', { 'aria-label': 'Layer and direction of the gradients' });
    this.place = el('label', { class: 'losses' }, el('span', {}, 'gradient in'), this.places);
    this.place.hidden = true;
    this.losses.before(this.place);
    this.places.addEventListener('change', (event) => {
      app.change((session) => session.setGradient(this.places.value), { experiment: true, event });
    });
    for (const radio of this.radios) {
      radio.addEventListener('change', (event) => {
        const which = radio.value === 'every' ? 'every' : 'last';
        app.change((session) => session.setLosses(which), { experiment: true, event });
      });
    }
  }

  /**
   * Shows boxes or heat maps; where boxes have no room, says so, and offers as many steps as they have room for.
   * @param {App} app
   * @param {boolean} boxes
   * @param {Event} event
   */
  choose(app, boxes, event) {
    const { can, why, act } = app.overview.boxes;
    if (!boxes || can) {
      app.change((session) => session.setBoxes(boxes), { experiment: true, remember: 'push', event });
      return;
    }
    this.check(app);
    const [words, row] = this.why.children;
    const button = row?.firstElementChild;
    if (!(words instanceof HTMLElement) || !(row instanceof HTMLElement) || !(button instanceof HTMLElement)) return;
    setText(words, why);
    setText(button, act);
    row.hidden = !act;
    this.why.showPopover();
    const box = this.picture.getBoundingClientRect();
    this.why.style.top = `${box.bottom + 4}px`;
    this.why.style.left = `${Math.max(8, Math.min(box.right, innerWidth - 8) - this.why.offsetWidth)}px`;
    if (act) button.focus();
  }

  /** @param {App} app */
  check(app) {
    for (const radio of this.pictures) radio.checked = (radio.value === 'boxes') === (app.overview.picture === 'boxes');
  }

  /**
   * @param {App} app
   * @param {Dirty} dirty
   */
  update(app, dirty) {
    if (!dirty.layout) return;
    const other = app.overview.tab !== 'unrolled';
    this.picture.hidden = other;
    this.check(app);
    this.root.hidden = other;
    this.losses.hidden = other || !app.overview.canLosses;
    if (app.overview.boxes.can && this.why.matches(':popover-open')) this.why.hidePopover();
    for (const radio of this.radios) radio.checked = radio.value === app.overview.losses;
    this.choosePlace(app);
    if (this.dark === app.dark) return;
    this.dark = app.dark;
    const { state, gate, gradient } = app.session.ramps(app.dark);
    this.root.replaceChildren(
      this.ramp('state', '−1', '1', state), this.ramp('gate', '0', '1', gate), this.ramp('gradient', '10⁻⁹', '10⁵', gradient));
  }

  /**
   * Where there are layers or directions, the gradient of one of them is shown.
   * @param {App} app
   */
  choosePlace({ overview }) {
    const { gradients, gradient } = overview;
    this.place.hidden = gradients.length === 0;
    const known = [...this.places.options].map(({ value }) => value).join();
    if (known !== gradients.map(({ value }) => value).join()) {
      this.places.replaceChildren(...gradients.map(({ value, label }) => el('option', { value }, label)));
    }
    this.places.value = gradient;
  }

  /**
   * @param {string} name
   * @param {string} low
   * @param {string} high
   * @param {string[]} colours
   */
  ramp(name, low, high, colours) {
    const width = WIDTH / colours.length;
    const bars = colours.map((fill, k) => svg('rect', { x: (k * width).toFixed(2), y: 0, width: (width + 0.4).toFixed(2), height: 8, fill }));
    return el('span', {}, el('b', {}, name), low, svg('svg', { width: WIDTH, height: 8, 'aria-hidden': 'true' }, ...bars), high);
  }
}
