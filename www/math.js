// @ts-check
/** MathML from the engine's data. Nodes are patched in place, so that a step costs a few texts. */

/** @import { MathNode } from './engine.js' */

/** What stands in shorter parentheses stays together. */
const TOGETHER = 9;
/** So many tokens are a negative number in its parentheses. */
const NEGATIVE = 4;
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
 * Parts between which a formula may go on in the next line: before a sign, and before a factor beside parentheses.
 * Browsers do not break MathML.
 * @param {MathNode} content
 * @returns {MathNode[]}
 */
export function breakable(content) {
  const tokens = flat(content);
  const sign = (/** @type {number} */ at) => String(tokens[at]?.at(-1));
  /** @type {MathNode[][]} */
  const parts = [[]];
  /** @type {number[]} how long the parentheses around a token are */
  const around = [];
  tokens.forEach((token, at) => {
    if (sign(at) === '(') around.push(closing(tokens, at) - at);
    if (sign(at) === ')') around.pop();
    const beside = sign(at - 1) === ')' || (sign(at + 1) === '(' && closing(tokens, at + 1) - at > NEGATIVE);
    const breaks = isInfix(token) && ('=+−/'.includes(sign(at)) || beside) && (around.at(-1) ?? TOGETHER) >= TOGETHER;
    if (breaks && parts.at(-1)?.length) parts.push([]);
    parts.at(-1)?.push(token);
  });
  return parts.map((part) => ['mrow', ...part]);
}

/**
 * What rows hold, in a row; what lights together stays together.
 * @param {MathNode} node
 * @returns {MathNode[]}
 */
function flat(node) {
  const linked = !isContent(node[1] ?? '') && Object.keys(node[1] ?? {}).length > 0;
  if (typeof node === 'string' || node[0] !== 'mrow' || linked) return [node];
  return children(node).flatMap(flat);
}

/** @param {MathNode} token */
function isInfix(token) {
  return typeof token !== 'string' && /** @type {{ form?: string }} */ (token[1])?.form === 'infix';
}

/**
 * @param {MathNode[]} tokens
 * @param {number} open
 */
function closing(tokens, open) {
  let depth = 0;
  return tokens.findIndex((token, at) => {
    if (at >= open) depth += { '(': 1, ')': -1 }[String(token.at(-1))] ?? 0;
    return at > open && depth === 0;
  });
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
