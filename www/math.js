// @ts-check
/** MathML from the engine's data. Nodes are patched in place, so that a step costs a few texts. */

/** @import { MathNode } from './engine.js' */

/** So many signs make a product long. */
const LONG = 2;
/** What a sign before one number has. */
const PREFIX = '{"form":"prefix"}';
const MATHML = 'http://www.w3.org/1998/Math/MathML';

/**
 * A `<math>` element that shows a node.
 * @param {MathNode} content
 * @returns {MathMLElement}
 */
export function math(content) {
  const root = /** @type {MathMLElement} */ (document.createElementNS(MATHML, 'math'));
  patchMath(root, content);
  return root;
}

/**
 * Parts between which a formula may go on in the next line: before `=`, before `+` and `−` of the
 * sum that it is, and before the factors of a long product. Browsers do not break MathML.
 * @param {MathNode} content
 * @returns {MathNode[]}
 */
export function breakable(content) {
  if (typeof content === 'string' || content[0] !== 'mrow') return [content];
  /** @type {MathNode[][]} */
  const parts = [[]];
  const add = (/** @type {MathNode} */ node) => parts.at(-1)?.push(node);
  for (const node of children(content)) {
    if (isOperator(node, '=') && parts.at(-1)?.length) parts.push([]);
    if (isOperator(node, '=')) {
      add(infix('='));
      continue;
    }
    const inner = typeof node !== 'string' && node[0] === 'mrow' && node.length > 3 && !isAttributes(node[1]) ? children(node) : [];
    if (!inner.some((part) => isOperator(part, '+') || isOperator(part, '−'))) {
      factors(node, parts);
      continue;
    }
    for (const part of inner) {
      const sign = ['+', '−'].find((one) => isOperator(part, one));
      if (sign) parts.push([]);
      if (sign) add(infix(sign));
      else factors(part, parts);
    }
  }
  return parts.map((part) => ['mrow', ...part]);
}

/**
 * Adds a product to the parts; a long one may go on in the next line before each factor.
 * @param {MathNode} node
 * @param {MathNode[][]} parts
 */
function factors(node, parts) {
  const inner = typeof node !== 'string' && node[0] === 'mrow' && !isAttributes(node[1]) ? children(node) : [];
  const sign = ['·', '⊙'].find((one) => inner.filter((part) => isOperator(part, one)).length >= LONG);
  for (const part of sign ? inner : [node]) {
    if (sign && isOperator(part, sign)) parts.push([infix(sign)]);
    else parts.at(-1)?.push(part);
  }
}

/**
 * An operator between two operands.
 * @param {MathNode} node
 * @param {string} sign
 */
function isOperator(node, sign) {
  return typeof node !== 'string' && node[0] === 'mo' && node.at(-1) === sign && JSON.stringify(node[1]) !== PREFIX;
}

/**
 * A sign that keeps its space, also where it begins a part.
 * @param {string} sign
 * @returns {MathNode}
 */
function infix(sign) {
  return ['mo', { form: 'infix' }, sign];
}

/** @param {unknown} part */
function isAttributes(part) {
  return typeof part === 'object' && !Array.isArray(part);
}

/**
 * Makes a `<math>` element show another node.
 * @param {Element} root
 * @param {MathNode} content
 */
export function patchMath(root, content) {
  // A node that is itself <math> and a plain string both fit.
  patchChildren(root, typeof content !== 'string' && content[0] === 'math' ? children(content) : [content]);
}

/**
 * @param {Exclude<MathNode, string>} node
 * @returns {MathNode[]}
 */
function children(node) {
  return /** @type {MathNode[]} */ (node.slice(1).filter(isContent));
}

/** @param {unknown} part */
function isContent(part) {
  return typeof part === 'string' || Array.isArray(part);
}

/**
 * @param {Element} parent
 * @param {MathNode[]} wanted
 */
function patchChildren(parent, wanted) {
  wanted.forEach((node, index) => {
    const there = parent.childNodes[index];
    if (typeof node === 'string') {
      if (there?.nodeType === Node.TEXT_NODE) {
        if (there.nodeValue !== node) there.nodeValue = node;
      } else {
        replace(parent, there, document.createTextNode(node));
      }
      return;
    }
    const fits = there instanceof Element && there.localName === node[0];
    const element = fits ? there : document.createElementNS(MATHML, node[0]);
    const attributes = node.slice(1).find((part) => !isContent(part));
    patchAttributes(element, /** @type {Record<string, string> | undefined} */ (attributes) ?? {});
    patchChildren(element, children(node));
    if (!fits) replace(parent, there, element);
  });
  while (parent.childNodes.length > wanted.length) parent.lastChild?.remove();
}

/**
 * @param {Element} parent
 * @param {ChildNode | undefined} there
 * @param {Node} node
 */
function replace(parent, there, node) {
  if (there) parent.replaceChild(node, there);
  else parent.append(node);
}

/**
 * @param {Element} element
 * @param {Record<string, string>} wanted
 */
function patchAttributes(element, wanted) {
  for (const name of element.getAttributeNames()) if (!(name in wanted)) element.removeAttribute(name);
  for (const [name, value] of Object.entries(wanted)) {
    if (element.getAttribute(name) !== value) element.setAttribute(name, value);
  }
}
