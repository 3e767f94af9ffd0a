// The browser that the project's scripts drive, the way the wasm tests drive it too.

export const chromiumPath = process.env.CHROMIUM ?? '/usr/bin/chromium';

// Headless, silent on the network, and without the sandbox that containers do not allow.
export const chromiumFlags = (process.env.CHROMIUM_FLAGS ?? '--headless=new --no-sandbox').split(' ');
