// @ts-check
/** Small helpers around the DOM. Nothing here knows about networks. */

const SVG = 'http://www.w3.org/2000/svg';

/**
 * An HTML element with attributes and children. `null` and `false` attributes are left out.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string | number | boolean | null>} [attributes]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== false) node.setAttribute(key, value === true ? '' : String(value));
  }
  node.append(...children);
  return node;
}

/**
 * An SVG element with attributes and children.
 * @template {keyof SVGElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string | number>} [attributes]
 * @param {...Node} children
 * @returns {SVGElementTagNameMap[K]}
 */
export function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
  node.append(...children);
  return node;
}

/**
 * The element with this id, of this class. A page without it is a mistake in index.html.
 * @template {Element} E
 * @param {string} id
 * @param {new () => E} type
 * @returns {E}
 */
export function byId(id, type) {
  const node = document.getElementById(id);
  if (!(node instanceof type)) throw new Error(`index.html: expected a ${type.name} with id ${id}`);
  return node;
}

/**
 * Sets the text of a node, if it differs.
 * @param {Node} node
 * @param {string} text
 */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * A text whose equations do not break: `t = 1` stays in one line.
 * @param {string} text
 */
export function unbroken(text) {
  return text.replaceAll(' = ', '\u00a0=\u00a0');
}

/**
 * Sets attributes that differ; `null` removes.
 * @param {Element} node
 * @param {Record<string, string | number | null>} attributes
 */
export function setAttributes(node, attributes) {
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null) node.removeAttribute(key);
    else if (node.getAttribute(key) !== String(value)) node.setAttribute(key, String(value));
  }
}

/**
 * Makes a list of nodes as long as wanted: makes what is missing, removes what is too much.
 * @template {Element} E
 * @param {E[]} pool
 * @param {number} length
 * @param {Element} parent
 * @param {(index: number) => E} make
 */
export function resize(pool, length, parent, make) {
  while (pool.length > length) pool.pop()?.remove();
  while (pool.length < length) {
    const node = make(pool.length);
    parent.append(node);
    pool.push(node);
  }
}

/**
 * Width of bold tabular text, near enough to set a marker beside it, without asking the browser.
 * @param {string} text
 * @param {number} size
 */
export function textWidth(text, size) {
  let ems = 0;
  for (const letter of text) ems += '⁰¹²³⁴⁵⁶⁷⁸⁹⁻'.includes(letter) ? 0.45 : letter === '.' ? 0.28 : 0.57;
  return ems * size;
}

/**
 * Adds a style sheet once; settled when it is in force.
 * @param {URL} address
 * @returns {Promise<void>}
 */
export function addStyle(address) {
  if (document.querySelector(`link[href="${address.href}"]`)) return Promise.resolve();
  const link = el('link', { rel: 'stylesheet', href: address.href });
  const loaded = new Promise((/** @type {(value: void) => void} */ done) => {
    link.addEventListener('load', () => done());
    link.addEventListener('error', () => done());
  });
  document.head.append(link);
  return loaded;
}
