// As much of a browser as the block editor wants before it is loaded. Its style sheets are newer than jsdom's parser.
import { JSDOM, VirtualConsole } from "jsdom";

const { window } = new JSDOM("<!doctype html>", {
  url: "http://localhost/",
  pretendToBeVisual: true,
  virtualConsole: new VirtualConsole(),
});

window.matchMedia = () => ({ matches: false, addListener() {}, removeListener() {}, addEventListener() {} });
window.CSS = { supports: () => false, escape: (text) => text };
window.ResizeObserver = window.IntersectionObserver = class {
  observe() {}
  disconnect() {}
};
const define = (name, value) => Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
define("window", window);
define("document", window.document);
define("navigator", window.navigator);
for (const name of Object.getOwnPropertyNames(window)) {
  if (!(name in globalThis)) define(name, window[name]);
}
