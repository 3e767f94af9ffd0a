// @ts-check
/** The selected lane as a worksheet: on the screen over the page, on paper alone. */

import { addStyle, byId, el } from './dom.js';
import { breakable, math } from './math.js';

/** @import { App } from './app.js' */
/** @import { Block, MathNode, Worksheet } from './engine.js' */
/** @typedef {Worksheet['stages'][number]['lines'][number]['answers'][number]} Answer */

const styled = addStyle(new URL('./style/worksheet.css', import.meta.url));
const root = document.documentElement;

/**
 * A formula that may take several lines.
 * @param {MathNode} content
 * @returns {HTMLElement}
 */
function formula(content) {
  return el('span', { class: 'formula' }, ...breakable(content).map((part) => math(part)));
}

/**
 * A matrix, with its numbers or with room for them.
 * @param {Block} block
 * @param {boolean} answers
 */
function matrix({ symbol, rows, rule }, answers) {
  const cell = (/** @type {string} */ text) => el('td', {}, answers ? text : el('i', { class: 'blank' }));
  const table = el('table', {}, el('tbody', {}, ...rows.map((row) => el('tr', {}, ...row.map(cell)))));
  const name = el('figcaption', {}, formula(rule ?? symbol));
  return el('figure', {}, name, table);
}

/**
 * @param {Worksheet['stages'][number]} stage
 * @param {boolean} answers
 */
function steps({ title, backward, lines }, answers) {
  const columns = Math.max(...lines.map((line) => (line.units ? line.answers.length : 1)));
  const head = el('thead', {}, el('tr', {}, el('td'), ...(lines.some((line) => line.units) ? Array.from({ length: columns }, (_, k) => el('th', { scope: 'col' }, `unit ${k + 1}`)) : [])));
  const cell = (/** @type {Answer} */ { way, result }) =>
    (answers ? el('span', { class: 'way' }, formula(way), ' ', el('span', { class: 'result' }, '= ', el('b', {}, result))) : el('i', { class: 'blank' }));
  const body = lines.map(({ units, left, spoken, answers: results }) => el('tr', {},
    el('th', { scope: 'row' }, el('span', { class: 'vh' }, spoken), el('span', { 'aria-hidden': 'true' }, math(left))),
    // What belongs to no unit has the whole width.
    ...(units ? results.map((answer) => el('td', {}, cell(answer))) : [el('td', { colspan: columns }, ...results.map((answer) => el('div', {}, cell(answer))))])));
  return el('section', { class: backward ? 'stage back' : 'stage', 'aria-label': title, tabindex: 0 }, el('h3', {}, title), el('table', {}, head, el('tbody', {}, ...body)));
}

/**
 * @param {Worksheet} sheet
 * @param {boolean} answers
 */
function paper(sheet, answers) {
  const { title, setting, rounding, given, parts, equations, stages, gradients } = sheet;
  return [
    el('header', {}, el('h2', { id: 'worksheet-title' }, title), el('p', { class: 'who' }, answers ? 'with the answers' : 'Name')),
    el('p', {}, setting.join('; '), '. ', rounding),
    el('section', {}, el('h3', {}, 'Given'), el('div', { class: 'blocks' }, ...given.map((block) => matrix(block, true))),
      ...(parts ? [el('p', {}, formula(parts.formula), ` ${parts.words}.`)] : [])),
    el('section', { class: 'rules' }, el('h3', {}, 'Equations'),
      ...equations.map((group) => el('div', {}, el('h4', {}, group.title), ...group.equations.map((equation) => el('p', {}, formula(equation)))))),
    ...stages.map((stage) => steps(stage, answers)),
    el('section', {}, el('h3', {}, 'Gradients of the weights, summed over the steps'), el('div', { class: 'blocks wide' }, ...gradients.map((block) => matrix(block, answers)))),
  ];
}

/**
 * Opens the worksheet of the selected lane, or says why there is none and offers the worked example.
 * @param {App} app
 * @param {HTMLElement} from gets the focus back
 */
export async function openWorksheet(app, from) {
  await styled;
  let answers = false;
  const body = el('article', { tabindex: 0, 'aria-labelledby': 'worksheet-title' });
  const radio = (/** @type {boolean} */ with_) => {
    const input = el('input', { type: 'radio', name: 'answers' });
    input.checked = with_ === answers;
    input.addEventListener('change', () => { answers = with_; fill(); });
    return el('label', {}, input, with_ ? 'with answers' : 'without');
  };
  const print = el('button', { type: 'button', class: 'edged' }, 'Print');
  const close = el('button', { type: 'button', class: 'edged' }, 'Close');
  const lane = () => app.overview.lanes[app.overview.lane]?.name ?? '';
  const choice = el('span', { class: 'seg', role: 'radiogroup', 'aria-label': 'Answers' }, radio(false), radio(true));
  const bar = el('div', { class: 'sheet-bar' }, el('span', {}), choice, print, close);
  const view = el('div', { id: 'worksheet', role: 'dialog', 'aria-modal': 'true', 'aria-label': 'Worksheet' }, bar, body);
  const others = [...document.body.children];

  function fill() {
    try {
      body.replaceChildren(...paper(app.session.worksheet(), answers));
    } catch (error) {
      body.replaceChildren(...refusal(error instanceof Error ? error.message : String(error)));
    }
    bar.firstElementChild?.replaceChildren(`Worksheet, ${lane()}`);
  }

  /** @param {string} message */
  function refusal(message) {
    choice.hidden = print.hidden = true;
    const example = el('button', { type: 'button', class: 'edged' }, 'Open the worked example');
    example.addEventListener('click', () => {
      app.change((session) => session.set('data', 'hand'), { experiment: true, remember: 'push' });
      app.draw();
      choice.hidden = print.hidden = false;
      fill();
      body.focus();
    });
    return [el('h2', { id: 'worksheet-title' }, `The ${lane()} is too large for paper`), el('p', {}, el('code', {}, message)),
      el('p', {}, 'The worked example has two units, three steps and round weights; every lane then has it, and nothing is lost: undo brings this experiment back.'), el('p', {}, example)];
  }

  function leave() {
    view.remove();
    for (const node of others) node.toggleAttribute('inert', false);
    root.toggleAttribute('data-sheet', false);
    from.focus();
  }
  close.addEventListener('click', leave);
  print.addEventListener('click', () => window.print());
  view.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') leave();
    event.stopPropagation();
  });
  fill();
  for (const node of others) node.toggleAttribute('inert', true);
  root.toggleAttribute('data-sheet', true);
  document.body.append(view);
  byId('worksheet', HTMLElement).querySelector('article')?.focus({ preventScroll: true });
}
