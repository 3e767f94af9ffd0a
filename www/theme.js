// @ts-check
/** Light, dark, or as the system says. */

import { byId, setAttributes, setText } from './dom.js';

/** @import { App } from './app.js' */

const THEMES = /** @type {const} */ (['auto', 'light', 'dark']);
const KEY = 'theme';

/** What was chosen before; a browser that keeps nothing is fine. */
function remembered() {
  try {
    return localStorage.getItem(KEY) ?? 'auto';
  } catch {
    return 'auto';
  }
}

/**
 * @param {App} app
 */
export function connectTheme(app) {
  const button = byId('theme', HTMLButtonElement);
  const name = byId('theme-name', HTMLElement);
  const system = matchMedia('(prefers-color-scheme: dark)');
  let theme = THEMES.find((name) => name === remembered()) ?? 'auto';

  const apply = () => {
    const { dataset } = document.documentElement;
    if (theme === 'auto') delete dataset['theme'];
    else dataset['theme'] = theme;
    app.dark = theme === 'dark' || (theme === 'auto' && system.matches);
    setText(name, `: ${theme}`);
    setAttributes(button, { 'aria-label': `Theme: ${theme}`, title: 'Automatic, light or dark' });
    app.resized();
  };

  button.addEventListener('click', () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'auto';
    try {
      localStorage.setItem(KEY, theme);
    } catch {
      // Not kept, but in force.
    }
    apply();
  });
  system.addEventListener('change', apply);
  apply();
}
