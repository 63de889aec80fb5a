// Terminal shows the modem's port and takes commands: a line with history, where
// line ends inside an open quote belong to the content.
import { html, useState, useEffect, useRef } from "./vendor/htm-preact.mjs";
import { openScreen, plain, wrapped } from "./screen.js";

export function Terminal({ lab, feed, hidden }) {
  const screen = useRef(), entry = useRef();
  const [line, setLine] = useState("");
  const [lineEnd, setLineEnd] = useState("\n");
  const open = feed.quoted; // at the modem
  const history = useRef({ lines: load(), at: -1 });

  useEffect(() => {
    const { term: t, close } = openScreen(screen.current, false);
    let later = [], timer = 0, column = 0;
    const write = text => { t.write(text); column = text.endsWith("\n") ? 0 : 1; };
    const flush = () => {
      for (const text of later) write((column ? "\r\n" : "") + text + "\r\n");
      later = []; timer = 0;
    };
    const stop = feed.terminal.listen(part => {
      if (part.clear) { t.reset(); later = []; }
      else if (part.text !== undefined) write(part.text);
      else if (part.sent !== undefined) {
        clearTimeout(timer);
        flush(); // what belongs to the command before
        write((column ? "\r\n" : "") + "\x1b[36m" + plain(part.sent) + "\x1b[0m\r\n");
      }
      else {
        // The reason is known before the answer is on the screen.
        later.push(part.why ? "\x1b[33m  ↳ " + wrapped(plain(part.why), t.cols - 4, "    ") + "\x1b[0m" : "\x1b[90m— " + plain(part.note) + " —\x1b[0m");
        timer ||= setTimeout(flush, 60);
      }
    });
    return () => { stop(); clearTimeout(timer); close(); };
  }, []);

  useEffect(() => {
    const box = entry.current;
    box.style.height = "auto";
    box.style.height = Math.min(box.scrollHeight + 2, 144) + "px";
  }, [line]);

  // send turns line ends into what belongs there: inside a quote they are content,
  // outside they end a command.
  const send = () => {
    let inside = open, out = "";
    for (const c of line + "\n") {
      if (c === '"') inside = !inside;
      out += c === "\n" ? (inside ? lineEnd : lab.terminator) : c;
    }
    if (!feed.type(out)) return; // the line stays
    feed.terminal.show({ sent: "> " + line });
    const h = history.current;
    if (line.trim() && h.lines[0] !== line && !/PRIVATE KEY/.test(line)) {
      h.lines.unshift(line);
      h.lines.length = Math.min(h.lines.length, 100);
      save(h.lines);
    }
    h.at = -1;
    setLine("");
  };

  // A line feed alone comes from an Enter that has sent the line already.
  const typed = e => {
    if (e.target.value === "\n") e.target.value = "";
    setLine(e.target.value);
  };

  const key = e => {
    const h = history.current;
    const single = !line.includes("\n");
    if (e.key === "Enter" && !e.shiftKey && !e.isComposing) {
      e.preventDefault();
      send();
    } else if (e.key === "ArrowUp" && single && h.at < h.lines.length - 1) {
      e.preventDefault();
      setLine(h.lines[++h.at]);
    } else if (e.key === "ArrowDown" && single && h.at >= 0) {
      e.preventDefault();
      setLine(--h.at < 0 ? "" : h.lines[h.at]);
    }
  };

  const typeFile = async name => {
    if (!name) return;
    const answer = await fetch("files/" + name);
    if (answer.ok) {
      const type = name.startsWith("client") ? 1 : 0;
      setLine(`AT%CMNG=0,24,${type},"` + await answer.text() + '"');
      entry.current.focus();
    }
  };

  return html`
    <section class="panel terminal" aria-label="Terminal" hidden=${hidden} onClick=${e => { if (e.target.closest(".screen") && !getSelection().toString()) entry.current.focus(); }}>
      <h2 class="visually-hidden">Terminal</h2>
      <div class="screen" ref=${screen} tabindex="0" role="region" aria-label="What was sent and answered"></div>
      <div class="entry">
        <label class="visually-hidden" for="command">AT command</label>
        <textarea id="command" ref=${entry} rows="1" value=${line} placeholder="AT command, Enter sends" spellcheck="false" autocapitalize="off" autocomplete="off"
          onInput=${typed} onKeyDown=${key}></textarea>
        <button class="primary" onClick=${send}>Send</button>
      </div>
      <div class="tools">
        <span class=${"light " + (open ? "warn" : "")} role="status">${open ? "a quote is open: the modem waits for its end" : "no open quote"}</span>
        ${open && html`<button onClick=${() => { feed.type('"' + lab.terminator); feed.terminal.show({ sent: '"' }); }}>Close it</button>`}
        <label>Insert <select value="" onChange=${e => { typeFile(e.target.value); e.target.value = ""; }}><option value="">a certificate …</option>${lab.files.filter(f => f.endsWith(".pem")).map(f => html`<option value=${f}>${f}</option>`)}</select></label>
        <label>Line ends in it <select value=${lineEnd} onChange=${e => setLineEnd(e.target.value)}><option value=${"\n"}>LF</option><option value=${"\r\n"}>CR LF</option></select></label>
        ${lab.port && html`<span>Your own terminal: <span class="mono">${lab.port}</span></span>`}
      </div>
    </section>`;
}

function load() {
  try { return JSON.parse(localStorage.getItem("nrf91emu-history")) || []; } catch { return []; }
}

function save(lines) {
  try { localStorage.setItem("nrf91emu-history", JSON.stringify(lines)); } catch { /* private mode */ }
}
