// @ts-check
/** The colours in words and ramps, and the choice of which loss the gradients count. */

import { byId, el, svg } from './dom.js';

/** @import { App, Dirty } from './app.js' */

const WIDTH = 49;

export class Legend {
  /** @param {App} app */
  constructor(app) {
    this.root = byId('legend', HTMLElement);
    this.losses = byId('losses', HTMLFieldSetElement);
    this.radios = [...this.losses.querySelectorAll('input')];
    /** @type {boolean | null} */
    this.dark = null;
    this.places = el('select', { 'aria-label': 'Layer and direction of the gradients' });
    this.place = el('label', { class: 'losses' }, 'gradient in ', this.places);
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
   * @param {App} app
   * @param {Dirty} dirty
   */
  update(app, dirty) {
    if (!dirty.layout) return;
    const other = app.overview.tab !== 'unrolled';
    this.root.hidden = other;
    this.losses.hidden = other || !app.overview.canLosses;
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
