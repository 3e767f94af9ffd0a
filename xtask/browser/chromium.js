// The browser that the project's scripts drive, the way the wasm tests drive it too.

export const chromiumPath = process.env.CHROMIUM ?? '/usr/bin/chromium';

// The one that most tests of the page run in.
export const headlessPath = process.env.CHROMIUM_HEADLESS ?? chromiumPath;

// Headless, silent on the network, and without the sandbox that containers do not allow.
export const chromiumFlags = (process.env.CHROMIUM_FLAGS ?? '--headless=new --no-sandbox').split(' ');
