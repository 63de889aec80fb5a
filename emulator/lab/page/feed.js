// Feed is what the lab tells: the latest of each kind, and lists of what happened.
// It comes back by itself after a broken connection and asks for what it missed. A lab that
// was started again either has kept all, and it goes on, or says that it knows nothing.

import { Stream } from "./screen.js";

const keep = { event: 50000, cloud: 5000, message: 1000 };

// silence is for how long nothing may be heard, as of a computer that was asleep; the lab
// says something every 20 seconds.
const silence = 50000;

export class Feed {
  constructor() {
    this.latest = {};
    this.lists = { event: [], cloud: [], message: [] };
    this.connected = true;
    this.gone = ""; // why it is not
    this.error = "";
    this.notice = "";
    this.since = 0;
    this.id = "";
    this.wait = 500;
    this.listeners = new Set();
    this.renewed = () => {}; // the lab was started again
    this.terminal = new Stream();
    this.forget();
    this.inC = false; // firmware in C runs, whose commands are not those of the port
    this.console = new Stream();
    this.open();
    setInterval(() => { if (this.connected && Date.now() - this.heard > silence) this.socket.close(), this.lost(this.socket); }, 1000);
    addEventListener("online", () => this.again());
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.again(); });
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
    clearTimeout(this.later);
    this.later = 0;
    const url = new URL(`ws?since=${this.since}&lab=${this.id}`, location.href);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = this.socket = new WebSocket(url);
    this.heard = Date.now();
    socket.onmessage = e => {
      if (socket !== this.socket) return;
      this.heard = Date.now();
      for (const m of JSON.parse(e.data)) this.take(m);
      this.changed();
    };
    socket.onclose = () => this.lost(socket);
  }

  // again tries at once, if it is waiting to.
  again() {
    if (this.later) this.open();
  }

  lost(socket) {
    if (socket !== this.socket || this.later) return;
    this.connected = false;
    this.later = setTimeout(() => this.open(), this.wait);
    this.wait = Math.min(this.wait * 2, 10000);
    this.changed();
    // A WebSocket does not tell why it was refused.
    fetch("lab").then(answer => answer.ok ? "" : answer.text(), () => "").then(text => {
      if (this.connected) return;
      this.gone = text.trim();
      this.changed();
    });
  }

  // hello says which lab this is.
  hello({ lab, anew, keeps, life }) {
    const back = this.id && !this.connected;
    this.keeps = keeps;
    if (this.life && this.life !== life && !anew) {
      this.notice = "The lab was started again. All that you have done is kept, but the modem was without power: connections, firmware that ran and the second client are not there any more.";
    }
    this.life = life;
    if (anew) {
      this.lists = { event: [], cloud: [], message: [] };
      this.latest = {};
      this.console.show({ clear: true });
      this.terminal.show({ clear: true });
      this.forget();
      this.notice = "The lab was started again and knows nothing of what was done here, so the exercise begins anew."
        + (keeps ? "" : " Started with --state DIR, it keeps all.");
    }
    if (back) this.renewed();
    this.id = lab;
    this.connected = true;
    this.gone = "";
    this.wait = 500;
  }

  take(m) {
    this.since = m.seq;
    switch (m.kind) {
      case "hello":
        this.hello(m.data);
        return;
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
        this.forget();
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

  // forget drops what the modem has not taken and never will.
  forget() {
    this.typed = ""; // of a command whose end is not sent yet
    this.quoted = false; // a quote is open in it
    this.sent = []; // commands
  }

  // command shows a command that does not come from here: from another page, another
  // program, or from this page before it was opened anew. Secrets are masked in it.
  command(text) {
    const start = text.split(/<\d+ bytes masked>/)[0];
    const i = this.sent.findIndex(s => start === text ? s.trim() === text.trim() : s.startsWith(start));
    if (i >= 0) this.sent.splice(0, i + 1);
    else if (!this.inC) this.terminal.show({ sent: "> " + text.replaceAll("\r\n", "\n") });
  }

  // reason puts beside an answer why it failed.
  reason(e) {
    if (e.command) this.command(e.command.text);
    if (e.power) this.forget();
    if (e.power || e.program) this.inC = e.program?.action === "start";
    if (e.response?.error && e.response.reason) this.terminal.show({ why: e.response.reason });
    else if (e.input) this.terminal.show({ why: e.input.reason });
    else if (e.handshake && !e.handshake.ok) this.terminal.show({ why: "TLS with " + e.handshake.peer + ": " + e.handshake.reason });
    else if (e.power) this.terminal.show({ note: "power " + e.power.action + (e.power.reason ? ": " + e.power.reason : "") });
  }

  // type sends text to the modem; false if that cannot be done now.
  type(text) {
    if (!this.connected || this.socket.readyState !== WebSocket.OPEN) {
      this.fail("The lab does not answer, so nothing was sent.");
      return false;
    }
    this.socket.send(JSON.stringify({ input: text }));
    for (const c of text) {
      if (c === '"') this.quoted = !this.quoted;
      if (this.quoted || c !== "\r" && c !== "\n") this.typed += c;
      else if (this.typed) this.sent.push(this.typed), this.typed = "";
    }
    this.sent.splice(0, this.sent.length - 100);
    this.changed();
    return true;
  }

  fail(text) {
    this.error = text;
    this.changed();
  }

  // call does something by HTTP and shows what went wrong, unless its panel does.
  async call(method, path, body, file, told) {
    this.error = "";
    this.changed();
    try {
      const answer = await fetch(path, { method, body: file ?? (body === undefined ? undefined : JSON.stringify(body)) });
      if (!answer.ok) {
        const text = (await answer.text()).trim();
        let reason = text;
        try { reason = JSON.parse(text).error || text; } catch { /* plain text */ }
        if (!told) this.fail(reason);
        return null;
      }
      return answer.status === 204 ? true : await answer.json();
    } catch (err) {
      this.fail("The lab does not answer: " + err.message);
      return null;
    }
  }
}
