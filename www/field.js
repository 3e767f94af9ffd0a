// @ts-check
/** One control of the settings table. It is built once and updated in place, so that it keeps the focus. */

import { el, setAttributes, setText, svg } from './dom.js';
import { math } from './math.js';

/** @import { Setting } from './engine.js' */

/**
 * A value that the user chose: while a hand is still moving, or for good.
 * @typedef {(key: string, value: string, event: Event, final: boolean, failed: (message: string) => void) => void} Choose
 */

/** Integers with more values than this are typed, not dragged. */
const DRAGGED = 1000;
/** How long a writer pauses who has written, in ms. */
const REST = 1000;
/** Inputs and outputs of each shape, step by step, as its sign shows them. @type {Record<string, [string, string]>} */
const SHAPES = {
  'one-to-one': ['x', 'x'], 'one-to-many': ['x--', 'xxx'], 'many-to-one': ['xxx', '--x'],
  'many-to-many': ['xxx', 'xxx'], 'encoder-decoder': ['xx--', '--xx'],
};
/** A choice whose labels are this short together is shown at once. */
const SHORT = 19;

/** A control for one setting. */
export class Field {
  /**
   * @param {Setting} setting
   * @param {string} scope makes ids unique: empty for the table itself, `lane-3` for a lane's own value
   * @param {Choose} choose
   */
  constructor(setting, scope, choose) {
    this.key = setting.key;
    this.kind = setting.kind;
    /** A lane's own values have no big slider. */
    this.big = setting.big && !scope;
    this.id = scope ? `${scope}-${setting.key}` : setting.key;
    this.choose = choose;
    /** What this control last asked for. @type {string | null} */
    this.sent = null;
    /** @type {number | string | undefined} */
    this.value = undefined;
    /** The largest value now. */
    this.max = setting.max;
    /** What cannot be chosen, as shown last. */
    this.barred = '';
    this.wrong = el('p', { class: 'wrong', id: `${this.id}-wrong`, 'aria-live': 'polite', hidden: true });
    /** Which lanes have a value of their own, where that needs a word. @type {HTMLElement | null} */
    this.note = null;
    /** @type {(HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement)[]} */
    this.inputs = [];
    /** @type {HTMLInputElement | null} */
    this.slider = null;
    /** Of the gallery of shapes: the chosen one in words, and what it means. @type {HTMLElement | null} */
    this.chosen = null;
    /** @type {HTMLElement | null} */
    this.says = null;
    this.node = el('div', { class: 'field' });
    if (setting.kind === 'text') this.buildText(setting);
    else if (setting.key === 'shape') this.buildShapes(setting);
    else if (setting.kind === 'choice') this.buildChoice(setting);
    else this.buildNumber(setting);
    this.node.append(this.wrong);
    this.update(setting);
  }

  /**
   * Whether this control can show that setting.
   * @param {Setting} setting
   */
  fits(setting) {
    return setting.key === this.key && setting.kind === this.kind;
  }

  /**
   * @param {Setting} setting
   * @param {string} tag label, or span where the control is a group
   */
  label(setting, tag = 'label') {
    const node = el(tag === 'label' ? 'label' : 'span', tag === 'label' ? { for: this.id } : { class: 'label', id: `${this.id}-label` });
    node.append(setting.label);
    // The heading of the group already says it.
    if (setting.label.toLowerCase() === setting.group) node.classList.add('vh');
    if (setting.symbol) node.append(' ', math(setting.symbol));
    return node;
  }

  /** @param {Setting} setting */
  buildNumber(setting) {
    const { min, max, step } = setting;
    const dragged = setting.kind === 'real' || max - min <= DRAGGED;
    const entry = el('input', { class: 'num', inputmode: setting.kind === 'integer' && min >= 0 ? 'numeric' : 'text', autocomplete: 'off', spellcheck: 'false' });
    entry.addEventListener('change', (event) => this.say(entry.value.replace(/−/g, '-').trim(), event, true));
    entry.addEventListener('keydown', (event) => { if (event.key === 'Escape') { this.clear(); entry.value = this.shown ?? ''; } });
    this.inputs.push(entry);
    this.entry = entry;
    if (setting.key === 'example') {
      entry.id = this.id;
      const step = (/** @type {number} */ by, /** @type {string} */ sign, /** @type {string} */ name) => {
        const button = el('button', { type: 'button', class: 'icon', 'aria-label': name, title: name }, sign);
        button.addEventListener('click', (event) => this.say(String((Number(this.value) - 1 + by + this.max) % this.max + 1), event, true));
        return button;
      };
      this.node.append(this.label(setting), el('span', { class: 'seedline stepper' }, step(-1, '‹', 'Previous example'), entry, step(1, '›', 'Next example')));
      return;
    }
    if (!dragged) {
      entry.id = this.id;
      const next = el('button', { type: 'button', class: 'icon', 'aria-label': `Next ${setting.label.toLowerCase()}`, title: `Next ${setting.label.toLowerCase()}` }, nextIcon());
      next.addEventListener('click', (event) => this.say(String(Number(this.value) >= max ? min : Number(this.value) + 1), event, true));
      this.node.append(this.label(setting), el('span', { class: 'seedline' }, entry, next));
      return;
    }
    entry.setAttribute('aria-label', `${setting.label}, value`);
    const slider = el('input', { type: 'range', id: this.id, min, max, step });
    slider.addEventListener('input', (event) => this.say(slider.value, event, false));
    slider.addEventListener('change', (event) => this.say(slider.value, event, true));
    this.slider = slider;
    this.inputs.push(slider);
    this.node.classList.toggle('big', this.big);
    this.node.append(this.label(setting), entry, slider);
    if (setting.marks.length) {
      const ticks = el('div', { class: 'ticks', 'aria-hidden': 'true' });
      for (const { at, label } of setting.marks) {
        const tick = el('span', {}, label);
        tick.style.left = this.along((at - min) / (max - min));
        ticks.append(tick);
      }
      this.node.append(ticks);
    }
  }

  /** @param {Setting} setting */
  buildChoice(setting) {
    const letters = setting.options.reduce((sum, option) => sum + option.label.length, 0);
    if (setting.options.length > 3 || letters > SHORT) {
      const select = el('select', { id: this.id }, ...listed(setting.options));
      select.addEventListener('change', (event) => this.say(select.value, event, true));
      this.inputs.push(select);
      const long = setting.options.some((option) => option.label.length > 14);
      this.node.classList.toggle('wide', long);
      this.node.append(this.label(setting), select);
      return;
    }
    const group = el('span', { class: 'seg', role: 'radiogroup', 'aria-labelledby': `${this.id}-label` });
    for (const { value, label } of setting.options) {
      const radio = el('input', { type: 'radio', name: this.id, value });
      radio.addEventListener('change', (event) => this.say(value, event, true));
      this.inputs.push(radio);
      group.append(el('label', {}, radio, label));
    }
    this.node.append(this.label(setting, 'span'), group);
  }

  /**
   * The gallery of sequence shapes: a sign each, the chosen one in words, and which losses it has.
   * @param {Setting} setting
   */
  buildShapes(setting) {
    const group = el('span', { class: 'shapes', role: 'radiogroup', 'aria-labelledby': `${this.id}-label`, 'aria-describedby': `${this.id}-says` });
    for (const { value, label } of setting.options) {
      const radio = el('input', { type: 'radio', name: this.id, value, 'aria-label': label });
      radio.addEventListener('change', (event) => this.say(value, event, true));
      this.inputs.push(radio);
      group.append(el('label', { title: label }, radio, shapeSign(value)));
    }
    this.chosen = el('span', { class: 'chosen' });
    this.says = el('p', { class: 'source', id: `${this.id}-says` });
    this.node.classList.add('gallery');
    this.node.append(this.label(setting, 'span'), this.chosen, group, this.says);
  }

  /** @param {Setting} setting */
  buildText(setting) {
    const area = el('textarea', { id: this.id, rows: setting.key === 'own' ? 2 : 3, spellcheck: 'false', autocapitalize: 'off' });
    area.className = { numbers: 'csv', own: 'own-sentence' }[setting.key] ?? '';
    let rest = 0;
    const say = (/** @type {Event} */ event, /** @type {boolean} */ final) => {
      clearTimeout(rest);
      this.say(area.value, event, final);
      // Who stops writing may leave the page without leaving the field.
      if (!final) rest = window.setTimeout(() => { if (area.value === this.sent) say(event, true); }, REST);
    };
    area.addEventListener('input', (event) => say(event, false));
    area.addEventListener('change', (event) => say(event, true));
    this.inputs.push(area);
    this.node.classList.add('wide');
    this.node.append(this.label(setting), area);
    if (setting.key === 'numbers') {
      const button = el('button', { type: 'button', class: 'edged', 'data-choose-file': true }, 'Choose a file');
      this.node.append(button, el('span', { class: 'source' }, 'or drop one anywhere on this page'));
    }
  }

  /**
   * CSS position of a value on the slider: the knob's middle, which never leaves the rail.
   * @param {number} share 0 to 1
   */
  along(share) {
    const knob = this.big ? 20 : 13;
    return `calc(${(share * 100).toFixed(3)}% + ${(knob / 2 - knob * share).toFixed(2)}px)`;
  }

  /**
   * @param {string} value
   * @param {Event} event
   * @param {boolean} final
   */
  say(value, event, final) {
    this.clear();
    this.sent = value;
    this.choose(this.key, value, event, final, (message) => this.fail(message));
  }

  /** Takes an error message away. */
  clear() {
    if (this.wrong.hidden) return;
    this.wrong.hidden = true;
    setText(this.wrong, '');
    this.describe();
  }

  /** @param {string} message */
  fail(message) {
    this.wrong.hidden = false;
    setText(this.wrong, message);
    this.describe();
  }

  /** Tells a screen reader what stands under the control. */
  describe() {
    const said = [this.wrong, this.note].filter((node) => node && !node.hidden).map((node) => node?.id).join(' ');
    for (const input of this.inputs) setAttributes(input, { 'aria-invalid': this.wrong.hidden ? null : 'true', 'aria-describedby': said || null });
  }

  /**
   * Says which lanes have a value of their own.
   * @param {string} words
   */
  tell(words) {
    if (!words && !this.note) return;
    if (!this.note) this.node.append(this.note = el('p', { class: 'source', id: `${this.id}-note` }));
    if (this.note.textContent === words) return;
    this.note.hidden = !words;
    setText(this.note, words);
    this.describe();
  }

  /**
   * What the other settings leave no room for is shown, says why, and cannot be chosen.
   * @param {Setting} setting
   */
  bar(setting) {
    const now = setting.options.map(({ barred }) => barred ?? '').join();
    if (now === this.barred) return;
    this.barred = now;
    for (const { value, barred } of setting.options) {
      const radio = this.inputs.find((input) => input instanceof HTMLInputElement && input.value === value);
      const option = this.node.querySelector(`option[value="${value}"]`);
      const place = radio?.parentElement ?? option;
      if (radio) radio.disabled = barred !== undefined;
      if (option instanceof HTMLOptionElement) option.disabled = barred !== undefined;
      if (place) setAttributes(place, { title: barred ?? null });
    }
  }

  /**
   * Puts choices in the list that have come since, such as an opened file.
   * @param {Setting} setting
   */
  offer({ options }) {
    const [list] = this.inputs;
    if (!(list instanceof HTMLSelectElement) || list.options.length === options.length) return;
    list.replaceChildren(...listed(options));
  }

  /** @param {Setting} setting */
  update(setting) {
    if (setting.kind === 'choice') this.bar(setting);
    this.tell(setting.shared?.note ?? '');
    const value = String(setting.value);
    // What the hand is typing, or has typed wrongly, stays; a value that came another way takes its place.
    const otherwise = this.value !== undefined && value !== String(this.value) && value !== this.sent;
    if (otherwise) {
      this.sent = null;
      this.clear();
    }
    this.value = setting.value;
    this.max = setting.max;
    this.shown = setting.shown;
    if (this.chosen && this.says) {
      setText(this.chosen, setting.shown);
      setText(this.says, setting.options.find((option) => option.value === value)?.says ?? '');
    }
    // What the data hold, no slider goes beyond.
    setAttributes(this.node, { title: setting.key === 'T' ? `${setting.help} These data allow at most ${setting.max}.` : setting.help });
    this.offer(setting);
    const typed = (/** @type {Element} */ input) => !otherwise && (document.activeElement === input || !this.wrong.hidden);
    for (const input of this.inputs) {
      if (input === this.slider) continue;
      if (input instanceof HTMLInputElement && input.type === 'radio') {
        input.checked = input.value === value;
      } else if (input === this.entry) {
        if (!typed(input) && input.value !== setting.shown) input.value = setting.shown;
      } else if ((input instanceof HTMLSelectElement || !typed(input)) && input.value !== value) {
        input.value = value;
      }
    }
    if (this.slider) {
      setAttributes(this.slider, { min: setting.min, max: setting.max, step: setting.step, 'aria-valuetext': setting.shown });
      if (this.slider.value !== value) this.slider.value = value;
      const share = (Number(setting.value) - setting.min) / (setting.max - setting.min || 1);
      this.slider.style.setProperty('--done', this.along(share));
    }
  }
}

/**
 * The options of a list, under the names of their groups.
 * @param {Setting['options']} options
 */
function listed(options) {
  const groups = [...new Set(options.map(({ group }) => group))];
  return groups.flatMap((group) => {
    const own = options.filter((option) => option.group === group).map(({ value, label }) => el('option', { value }, label));
    return group ? [el('optgroup', { label: group }, ...own)] : own;
  });
}

/**
 * Cells in a row, a dot under each that has an input, over each that has an output.
 * @param {string} shape
 */
function shapeSign(shape) {
  const [inputs, outputs] = SHAPES[shape] ?? ['', ''];
  const left = 18 - inputs.length * 3.5;
  const at = (/** @type {number} */ k) => left + 7 * k + 3.5;
  const dot = (/** @type {number} */ y) => (/** @type {string} */ mark, /** @type {number} */ k) => (mark === 'x' ? [svg('circle', { cx: at(k), cy: y, r: 1.6 })] : []);
  const cells = [...inputs].map((_, k) => svg('rect', { x: at(k) - 2.3, y: 11.5, width: 4.6, height: 7 }));
  return svg('svg', { width: 36, height: 30, viewBox: '0 0 36 30', 'aria-hidden': 'true' },
    svg('path', { d: `M${at(0)} 15H${at(inputs.length - 1)}`, stroke: 'currentColor' }), ...cells,
    ...[...inputs].flatMap(dot(23.5)), ...[...outputs].flatMap(dot(6.5)));
}

/** An arrow in a circle. */
function nextIcon() {
  const icon = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  setAttributes(icon, { width: 11, height: 11, viewBox: '0 0 11 11', 'aria-hidden': 'true' });
  setAttributes(path, { d: 'M9.3 3.4A4.4 4.4 0 1 0 9.9 6M9.8.8v2.9H6.9', fill: 'none', stroke: 'currentColor', 'stroke-width': 1.3 });
  icon.append(path);
  return icon;
}
