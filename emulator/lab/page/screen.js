// A screen for text that comes in pieces: xterm.js, and the stream that feeds it.
import { Terminal as XTerm } from "./vendor/xterm.mjs";
import { FitAddon } from "./vendor/addon-fit.mjs";

// Colours that can be read on the dark ground, also of what a program prints.
const theme = {
  background: "#00000000", foreground: "#dfe6ee", cursor: "#00000000", selectionBackground: "#3f6f8f",
  black: "#8b98a8", red: "#ff8a80", green: "#5fd39a", yellow: "#f2c14e", blue: "#82b1ff", magenta: "#e29bf0", cyan: "#4dc3de", white: "#dfe6ee",
  brightBlack: "#9aa6b4", brightRed: "#ffaba4", brightGreen: "#8be3b8", brightYellow: "#ffd98a", brightBlue: "#a9c8ff", brightMagenta: "#edbdf6", brightCyan: "#85dcef", brightWhite: "#ffffff",
  scrollbarSliderBackground: "#9aa6b455", scrollbarSliderHoverBackground: "#9aa6b488", scrollbarSliderActiveBackground: "#9aa6b4aa",
};

// plain takes control characters out of words, so that they cannot play with the
// screen.
export const plain = text => text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "·").replace(/\n/g, "\r\n");

// wrapped breaks words into lines of so many columns, all but the first indented.
export function wrapped(text, columns, indent) {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1);
    if (line.trim() && line.length + 1 + word.length > columns) lines.push(indent + word);
    else lines[lines.length - 1] = line ? line + " " + word : word;
  }
  return lines.join("\r\n");
}

// A Stream keeps what was shown, for a screen that comes later.
export class Stream {
  constructor() {
    this.parts = [];
    this.size = 0; // of their texts
    this.screens = new Set();
  }

  show(part) {
    if (part.clear) this.parts.length = this.size = 0;
    this.parts.push(part);
    this.size += part.text?.length ?? 0;
    if (this.parts.length > 5000 || this.size > 1000000) {
      for (const old of this.parts.splice(0, this.parts.length >> 2)) this.size -= old.text?.length ?? 0;
    }
    for (const fn of this.screens) fn(part);
  }

  listen(fn) {
    for (const part of this.parts) fn(part);
    this.screens.add(fn);
    return () => this.screens.delete(fn);
  }
}

// openScreen makes a screen in an element, which the keyboard scrolls. It returns the terminal and what ends it.
export function openScreen(element, convertEol) {
  const term = new XTerm({ theme, allowTransparency: true, convertEol, disableStdin: true, fontSize: 13, scrollback: 5000, screenReaderMode: true, fontFamily: "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" });
  const fit = new FitAddon();
  term.loadAddon(fit);
  term.open(element);
  // Nothing is typed here, and Tab goes on.
  term.attachCustomKeyEventHandler(() => false);
  term.textarea.tabIndex = -1;
  const keys = { PageUp: () => term.scrollPages(-1), PageDown: () => term.scrollPages(1), ArrowUp: () => term.scrollLines(-1), ArrowDown: () => term.scrollLines(1), Home: () => term.scrollToTop(), End: () => term.scrollToBottom() };
  element.addEventListener("keydown", e => {
    if (!keys[e.key] || e.ctrlKey || e.altKey || e.metaKey) return;
    e.preventDefault();
    keys[e.key]();
    following = term.buffer.active.viewportY >= term.buffer.active.baseY;
  });
  // It follows what comes, as long as nobody has scrolled back; a change of size is no
  // scrolling.
  let following = true;
  term.onScroll(() => { following = term.buffer.active.viewportY >= term.buffer.active.baseY; });
  element.addEventListener("wheel", () => setTimeout(() => { following = term.buffer.active.viewportY >= term.buffer.active.baseY; }, 200), { passive: true });
  const resize = new ResizeObserver(() => {
    if (!element.clientWidth) return; // not shown
    const end = following;
    fit.fit();
    if (end) term.scrollToBottom();
  });
  resize.observe(element);
  return { term, close() { resize.disconnect(); term.dispose(); } };
}
