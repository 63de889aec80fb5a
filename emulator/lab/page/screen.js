// A screen for text that comes in pieces: xterm.js, and the stream that feeds it.
import { Terminal as XTerm } from "./vendor/xterm.mjs";
import { FitAddon } from "./vendor/addon-fit.mjs";

const theme = { background: "#00000000", foreground: "#dfe6ee", cursor: "#00000000" };

// plain takes control characters out of words, so that they cannot play with the
// screen.
export const plain = text => text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "·").replace(/\n/g, "\r\n");

// A Stream keeps what was shown, for a screen that comes later.
export class Stream {
  constructor() {
    this.parts = [];
    this.screens = new Set();
  }

  show(part) {
    this.parts.push(part);
    if (this.parts.length > 5000) this.parts.splice(0, 1000);
    for (const fn of this.screens) fn(part);
  }

  listen(fn) {
    for (const part of this.parts) fn(part);
    this.screens.add(fn);
    return () => this.screens.delete(fn);
  }
}

// openScreen makes a screen in an element. It returns the terminal and what ends it.
export function openScreen(element, convertEol) {
  const term = new XTerm({ theme, allowTransparency: true, convertEol, disableStdin: true, fontSize: 13, scrollback: 5000, screenReaderMode: true, fontFamily: "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" });
  const fit = new FitAddon();
  term.loadAddon(fit);
  term.open(element);
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
