// @ts-check
/** The settings panel: one control per row of the engine's table, in its groups. */

import { byId, setText } from './dom.js';
import { Field } from './field.js';

/** @import { App, Dirty, Part } from './app.js' */
/** @import { Choose } from './field.js' */

/**
 * How a chosen value reaches the session. While a hand moves, changes of one control that meet in a
 * frame are one run, and only the last of the movement is remembered as a step back.
 * @param {App} app
 * @param {number} [lane] the lane that gets a value of its own
 * @returns {Choose}
 */
export function chooser(app, lane) {
  return (key, value, event, final, failed) => {
    app.change((session) => session.set(key, value, lane), {
      key: `${key} ${lane ?? ''}`, event, failed, experiment: true, remember: final ? 'push' : 'none',
    });
    if (final) app.flush();
  };
}

export class Controls {
  early = true;

  /** @param {App} app */
  constructor(app) {
    /** @type {Map<string, Field>} */
    this.fields = new Map();
    this.choose = chooser(app);
    this.source = byId('source', HTMLElement);
    this.practice = byId('practice', HTMLElement);
    /** Shows and runs what lanes learn, loaded when there is something to learn. @type {Promise<Part> | null} */
    this.learning = null;
    this.summary = byId('experiment-sum', HTMLElement);
  }

  /**
   * @param {App} app
   * @param {Dirty} dirty
   */
  update(app, dirty) {
    if (!dirty.experiment) return;
    const filled = new Set();
    for (const setting of app.settings) {
      let field = this.fields.get(setting.key);
      if (!setting.applies) {
        if (field) field.node.hidden = true;
        continue;
      }
      filled.add(setting.group);
      if (!field) {
        field = new Field(setting, '', this.choose);
        this.fields.set(setting.key, field);
        const group = byId(`group-${setting.group}`, HTMLElement);
        // The table's order is the order on the page, also for a setting that comes to apply later.
        const later = app.settings.slice(app.settings.indexOf(setting) + 1).filter((other) => other.group === setting.group);
        const before = later.map((other) => this.fields.get(other.key)?.node).find((node) => node);
        group.insertBefore(field.node, before ?? (setting.group === 'data' ? this.practice : null));
      }
      field.node.hidden = false;
      field.update(setting);
    }
    for (const group of ['data', 'size', 'start', 'fixes', 'numbers']) byId(`group-${group}`, HTMLElement).hidden = !filled.has(group);
    const { data, lanes, T, practice } = app.overview;
    this.practice.hidden = !practice;
    if (practice && !this.learning) {
      this.learning = import('./practice.js').then(({ practicePart }) => practicePart(app, this.practice));
      void this.learning.then((part) => {
        app.parts.push(part);
        app.resized();
      });
    }
    setText(this.source, [data.source, data.note].filter(Boolean).join(' · '));
    setText(this.summary, `${data.title}, ${lanes.length === 1 ? '1 lane' : `${lanes.length} lanes`}, T = ${T}`);
  }
}
