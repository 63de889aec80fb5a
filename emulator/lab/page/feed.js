// Feed is what the lab tells: the latest of each kind, and lists of what happened.
// It comes back by itself after a broken connection and asks for what it missed.

import { Stream } from "./screen.js";

const keep = { event: 50000, cloud: 5000, message: 1000 };

export class Feed {
  constructor() {
    this.latest = {};
    this.lists = { event: [], cloud: [], message: [] };
    this.connected = true;
    this.error = "";
    this.since = 0;
    this.wait = 500;
    this.listeners = new Set();
    this.terminal = new Stream();
    this.console = new Stream();
    this.open();
  }

  listen(fn) {
    this.listeners.add(fn);
    return () => this.listeners.delete(fn);
  }

  changed() {
    if (this.scheduled) return;
    this.scheduled = true;
    const run = () => {
      this.scheduled = false;
      for (const fn of this.listeners) fn();
    };
    // A page in the background draws nothing, but must not pile up work.
    document.hidden ? setTimeout(run, 200) : requestAnimationFrame(run);
  }

  open() {
    const url = new URL("ws?since=" + this.since, location.href);
    url.protocol = url.protocol.replace("http", "ws");
    this.socket = new WebSocket(url);
    this.socket.onopen = () => {
      this.connected = true;
      this.wait = 500;
      this.changed();
    };
    this.socket.onmessage = e => {
      for (const m of JSON.parse(e.data)) this.take(m);
      this.changed();
    };
    this.socket.onclose = () => {
      this.connected = false;
      this.changed();
      setTimeout(() => this.open(), this.wait);
      this.wait = Math.min(this.wait * 2, 10000);
    };
  }

  take(m) {
    if (m.seq < this.since) this.since = 0; // the lab was started anew
    this.since = m.seq;
    switch (m.kind) {
      case "terminal":
        this.terminal.show({ text: m.data });
        return;
      case "console":
        this.console.show({ text: m.data });
        return;
      case "flashed":
        this.console.show({ clear: true });
        return;
      case "started":
        this.console.show({ clear: true });
        this.lists = { event: [], cloud: [], message: [] };
        this.terminal.show({ clear: true });
        return;
      case "event":
        this.reason(m.data);
    }
    const list = this.lists[m.kind];
    if (!list) {
      this.latest[m.kind] = m.data;
      return;
    }
    list.push({ ...m.data, at: m.time, seq: m.seq });
    if (list.length > keep[m.kind] * 1.1) list.splice(0, list.length - keep[m.kind]);
  }

  // reason puts beside an answer why it failed.
  reason(e) {
    if (e.response?.error && e.response.reason) this.terminal.show({ why: e.response.reason });
    else if (e.input) this.terminal.show({ why: e.input.reason });
    else if (e.handshake && !e.handshake.ok) this.terminal.show({ why: "TLS with " + e.handshake.peer + ": " + e.handshake.reason });
    else if (e.power) this.terminal.show({ note: "power " + e.power.action + (e.power.reason ? ": " + e.power.reason : "") });
  }

  type(text) {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify({ input: text }));
    else this.fail("The lab is not connected; nothing was sent.");
  }

  fail(text) {
    this.error = text;
    this.changed();
  }

  // call does something by HTTP and shows what went wrong.
  async call(method, path, body, file) {
    this.error = "";
    try {
      const answer = await fetch(path, { method, body: file ?? (body === undefined ? undefined : JSON.stringify(body)) });
      if (!answer.ok) {
        const text = (await answer.text()).trim();
        let reason = text;
        try { reason = JSON.parse(text).error || text; } catch { /* plain text */ }
        this.fail(reason);
        return null;
      }
      return answer.status === 204 ? true : await answer.json();
    } catch (err) {
      this.fail("The lab does not answer: " + err.message);
      return null;
    }
  }
}
