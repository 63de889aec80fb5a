// The panels: what is going on inside the modem and at the far end.
import { html, useState, useEffect, useRef } from "./vendor/htm-preact.mjs";

const time = ms => new Date(ms).toLocaleTimeString([], { hour12: false }) ;
const number = n => (n ?? 0).toLocaleString("en");
const bytes = data => {
  try { return new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(atob(data || ""), c => c.charCodeAt(0))); } catch { return "(not text)"; }
};

export function registration(state) {
  if (!state.on || state.functional_mode === undefined) return "no network";
  if (state.functional_mode === 0 || state.functional_mode === 4) return "offline";
  return { 0: "not registered", 1: "registered", 2: "searching", 3: "refused by the network", 5: "registered, roaming", 90: "no SIM" }[state.registration] || "not registered";
}

export function ModemPanel({ lab, feed }) {
  const s = feed.latest.state || {};
  const modes = { 0: "0, minimum", 1: "1, full", 4: "4, flight mode" };
  return html`
    <div class="columns">
      <dl class="facts">
        <dt>Chip</dt><dd>${s.chip}</dd><dt>Firmware</dt><dd>${s.firmware}</dd>
        <dt>Application</dt><dd>${feed.latest.firmware?.running ? "your firmware; on the serial port, " : ""}${s.application}</dd><dt>IMEI</dt><dd class="mono">${lab.imei}</dd>
        <dt>Serial port</dt><dd class="mono">${lab.port || "only this page"}</dd>
      </dl>
      <dl class="facts">
        <dt>Power</dt><dd>${s.crashed ? "on, but the modem has crashed" : s.on ? "on" : "off"}</dd>
        <dt>Start number</dt><dd>${s.boot}</dd>
        <dt>Functional mode</dt><dd>${s.functional_mode === undefined ? "–" : modes[s.functional_mode] || s.functional_mode}</dd>
        <dt>Registration</dt><dd>${s.registration === undefined ? "–" : s.registration + ", " + registration(s)}</dd>
        <dt>Kept</dt><dd>${feed.keeps ? "all that you do, also when the lab is started again, but not power, connections, running firmware and the second client" : html`all that you do, until the lab ends; started with <code>--state DIR</code>, also after that`}</dd>
      </dl>
    </div>`;
}

const types = { 0: "root CA", 1: "certificate", 2: "private key", 3: "pre-shared key", 4: "PSK identity" };

export function StorePanel({ feed }) {
  const list = feed.latest.credentials || [];
  if (!list.length) return html`<p class="empty">The store is empty. <code>AT%CMNG=0,TAG,TYPE,"…"</code> writes; <code>AT%CMNG=1</code> lists.</p>`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Credentials"><table class="store" aria-label="Credentials">
    <thead><tr><th>Tag</th><th>Type</th><th>Is</th><th>Bytes</th><th>Writes</th><th>SHA-256</th></tr></thead>
    <tbody>${list.map(c => html`<tr><td>${c.sec_tag}</td><td>${c.type} ${types[c.type] || c.name}</td><td>${c.file ? c.file : html`<span class="no">no file of the lab</span>`}</td><td>${number(c.bytes)}</td><td>${c.writes}</td><td class="mono digest">${c.sha256}</td></tr>`)}</tbody>
  </table></div>`;
}

// Plot draws lines with uPlot; series are {label, values, color}.
function Plot({ x, series, label }) {
  const box = useRef();
  const data = JSON.stringify([x, series]);
  const [scheme, changed] = useState(0);
  useEffect(() => {
    const wish = matchMedia("(prefers-color-scheme: dark)"), note = () => changed(n => n + 1);
    wish.addEventListener("change", note);
    return () => wish.removeEventListener("change", note);
  }, []);
  useEffect(() => {
    if (!window.uPlot || !x.length) return;
    const style = getComputedStyle(document.documentElement), named = name => style.getPropertyValue(name);
    const color = getComputedStyle(box.current).color, grid = named("--line");
    const axis = { stroke: color, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid } };
    const plot = new uPlot({
      width: box.current.clientWidth, height: 200, legend: { live: false }, cursor: { show: false },
      scales: { x: { time: false } }, axes: [{ ...axis, label, size: 30, labelSize: 20, stroke: color, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 10000] }, { ...axis, size: 78 }],
      series: [{ label }, ...series.map(s => ({ label: s.label, stroke: named(s.color), width: 2, dash: s.dash }))],
    }, [x, ...series.map(s => s.values)], box.current);
    plot.root.querySelector("table").setAttribute("aria-hidden", "true"); // the label says it all
    const resize = new ResizeObserver(() => { if (box.current?.clientWidth) plot.setSize({ width: box.current.clientWidth, height: 200 }); });
    resize.observe(box.current);
    return () => { resize.disconnect(); plot.destroy(); };
  }, [data, scheme]);
  return html`<div ref=${box} class="plot" role="img" aria-label=${series.map(s => `${s.label}, ${number(s.values.at(-1))} in the end`).join("; ") + `; over ${number(x.at(-1))} ${label}s`}></div>`;
}

export function FlashPanel({ feed }) {
  const w = feed.latest.wear;
  const [curves, setCurves] = useState(null), [busy, setBusy] = useState(false);
  const life = feed.latest.judge?.lifetime;
  if (!w) return html`<p class="empty">Nothing is known of the flash yet.</p>`;
  const run = async () => {
    setBusy(true);
    const got = await feed.call("POST", "age");
    if (got) setCurves(got);
    setBusy(false);
  };
  const most = Math.max(1, w.max_erases);
  return html`
    <div class="columns">
      <div>
        <h3>Pages</h3>
        <div class="pages" role="img" aria-label=${`${w.pages.length} pages, the most worn was erased ${w.max_erases} times`}>
          ${w.pages.map(p => html`<div class=${p.state === "worn out" ? "worn" : ""} title=${`page ${p.page}: ${p.state}, erased ${p.erases} times, ${p.used} bytes in use`} style=${p.erases ? { background: `color-mix(in srgb, var(--warn) ${20 + 80 * p.erases / most}%, var(--line))` } : {}}><i style=${{ height: p.used / 40.96 + "%" }}></i></div>`)}
        </div>
        <p class="legend">Height: how full a page is. Colour: how often it was erased; each endures ${number(w.endurance)} times.</p>
        <dl class="facts"><dt>Programmed</dt><dd>${number(w.programmed)} bytes</dd><dt>Erased</dt><dd>${number(w.erases)} pages</dd><dt>Starts</dt><dd>${w.starts}</dd></dl>
        ${life && html`<p>At the rate of your starts: <strong>${lifetime(life)}</strong>.</p>`}
      </div>
      <div>
        <h3>Wear over starts</h3>
        ${w.curve.length > 1 ? html`<${Plot} x=${w.curve.map(p => p.start)} label="start" series=${[{ label: "bytes programmed", values: w.curve.map(p => p.programmed), color: "--accent" }]} />` : html`<p class="empty">Start the device once more, and a line appears here.</p>`}
        <h3>Good and bad firmware over 1,000 starts</h3>
        ${curves ? html`<${Plot} x=${curves[0].samples.map(s => s.boots)} label="start" series=${[
          { label: "ask, compare, write on a difference: bytes", values: curves[0].samples.map(s => s.programmed_bytes), color: "--good" },
          { label: "write at each start: bytes", values: curves[1].samples.map(s => s.programmed_bytes), color: "--bad", dash: [6, 4] }]} />` : html`<p class="empty">Two programs, one that asks and compares and one that writes each time.</p>`}
        <button onClick=${run} disabled=${busy}>${busy ? "Running …" : "Run 1,000 starts"}</button>
      </div>
    </div>`;
}

function lifetime(l) {
  const years = n => n >= 2 ? Math.round(n).toLocaleString("en") + " years" : Math.round(n * 365) + " days";
  const floor = l.floor?.years ?? l.floor_years;
  return floor !== undefined ? `between ${years(floor)} and ${years(l.years)}` : `about ${years(l.years)}`;
}

export function TLSPanel({ feed }) {
  const list = feed.lists.event.filter(e => e.handshake).slice(-50).reverse();
  if (!list.length) return html`<p class="empty">No TLS handshake yet. It begins when a connection with a security tag is made.</p>`;
  return html`${list.map(({ at, seq, handshake: h }) => html`
    <div key=${seq} class=${"finding " + (h.ok ? "" : "error")}>
      <h3>${h.ok ? html`<span class="ok">✓</span>` : html`<span class="no">✗</span>`} ${h.peer} <small>${time(at)}, ${h.protocol}${h.version ? ", " + h.version : ""}</small></h3>
      ${h.reason && html`<p class="why">${h.reason}</p>`}
      <dl class="facts">
        <dt>Checked against</dt><dd>tag ${(h.sec_tags || []).join(", ") || "none"}, verification ${h.verify}${h.hostname ? ", host name " + h.hostname : ", no host name"}${h.ok ? (h.verified ? ": verified" : ": not verified") : ""}</dd>
        <dt>The server showed</dt><dd>${(h.chain || []).map(c => html`<div>${c.subject}, by ${c.issuer}, until ${c.not_after?.slice(0, 10)}</div>`)}${!(h.chain || []).length && "nothing"}</dd>
        ${!h.ok && html`<dt>Firmware sees</dt><dd>errno ${h.errno} (${h.errno_name})</dd>`}
      </dl>
    </div>`)}`;
}

export function BrokerPanel({ lab, feed }) {
  const client = feed.latest.client || {};
  const [server, setServer] = useState("mqtt-tls"), [ca, setCA] = useState("none");
  const [topic, setTopic] = useState("devacademy/publish/topic"), [to, setTo] = useState("devacademy/subscribe/topic"), [payload, setPayload] = useState("LED1ON");
  const [busy, setBusy] = useState(false);
  const act = (name, body) => async () => {
    setBusy(true);
    await feed.call("POST", "client/" + name, body, undefined, name === "connect");
    setBusy(false);
  };
  const happened = feed.lists.cloud.slice(-100).reverse();
  const got = feed.lists.message.slice(-50).reverse();
  return html`
    <div class="columns">
      <div>
        <h3>Second client</h3>
        <div class="row">
          <label class="field"><span>Server</span><select value=${server} onChange=${e => setServer(e.target.value)}>${lab.servers.filter(s => s.protocol.startsWith("mqtt")).map(s => html`<option value=${s.name}>${s.name}, port ${s.port}</option>`)}</select></label>
          <label class="field"><span>Trusts</span><select value=${ca} onChange=${e => setCA(e.target.value)}><option value="none">no CA</option><option value="ca.pem">ca.pem</option><option value="unknown-ca.pem">another CA</option></select></label>
          <button class="primary" disabled=${busy} onClick=${act("connect", { server, ca })}>Connect</button>
          ${client.connected && html`<button disabled=${busy} onClick=${act("disconnect", {})}>Disconnect</button>`}
        </div>
        <p role="status">${client.connected ? html`<span class="ok">Connected to ${client.server}.</span>` : client.error ? html`<span class="why">${client.error}</span>` : "Not connected."}</p>
        <div class="row">
          <label class="field long"><span>Subscribe to topic</span><input type="text" value=${topic} onInput=${e => setTopic(e.target.value)} /></label>
          <button disabled=${busy || !client.connected} onClick=${act("subscribe", { topic })}>Subscribe</button>
        </div>
        <div class="row">
          <label class="field whole"><span>Publish on topic</span><input type="text" value=${to} onInput=${e => setTo(e.target.value)} /></label>
          <label class="field long"><span>Message</span><input type="text" value=${payload} onInput=${e => setPayload(e.target.value)} /></label>
          <button disabled=${busy || !client.connected} onClick=${act("publish", { topic: to, payload })}>Publish</button>
        </div>
        <h3>Messages to it</h3>
        ${got.length ? html`<div class="messages" tabindex="0" role="log" aria-label="Messages to the second client">${got.map(m => html`<p key=${m.seq}><span class="mono">${m.topic}</span>: ${m.payload}</p>`)}</div>` : html`<p class="empty">None yet. Connect, subscribe to a topic, and have the device publish on it.</p>`}
      </div>
      <div>
        <h3>What the servers see</h3>
        ${happened.length ? html`<div class="scroll seen" tabindex="0" role="region" aria-label="What the servers see"><table aria-label="What the servers see, the latest first"><tbody>${happened.map(e => html`<tr key=${e.seq}><td>${time(e.at)}</td><td>${e.server}${e.own ? " (device)" : ""}</td><td>${cloudText(e)}</td></tr>`)}</tbody></table></div>` : html`<p class="empty">Nobody has connected yet.</p>`}
      </div>
    </div>`;
}

const done = { connect: "connected", disconnect: "has gone", subscribe: "subscribed to", unsubscribe: "unsubscribed from" };

function cloudText(e) {
  if (e.handshake) return e.handshake.error ? html`<span class="no">handshake failed: ${e.handshake.error}</span>` : `handshake, ${e.handshake.version || "done"}`;
  if (e.session) return `${e.session.client_id} ${done[e.session.op] || e.session.op} ${(e.session.topics || []).join(", ")}${e.session.reason ? ": " + e.session.reason : ""}`;
  if (e.message) return `${e.message.client_id} published on ${e.message.topic}: ${bytes(e.message.payload)}`;
  if (e.request) return `${e.request.method} ${e.request.path || ""} ${e.request.status || ""}`;
  return "";
}

export function JudgePanel({ feed }) {
  const r = feed.latest.judge;
  if (!r || !r.findings.length) return html`<p class="empty"><span class="ok">✓</span> Nothing to object to so far. The judge looks for credentials written without asking, written again though equal, written while online, and much more.</p>`;
  return html`${r.findings.map(f => html`
    <article class=${"finding " + f.level} key=${f.rule + f.sec_tag + f.type + f.subject}>
      <h3>${f.title} <small>${f.rule} ${f.name}, ${f.level}${f.count > 1 ? ", " + f.count + " times" : ""}</small></h3>
      <p>${f.what}</p><p><strong>Do:</strong> ${f.fix}</p>
      ${f.cost?.programmed > 0 && html`<p class="legend">It cost the flash ${number(f.cost.programmed)} bytes and ${f.cost.erases} page erases${f.lifetime ? "; at this rate it lasts " + lifetime(f.lifetime) : ""}.</p>`}
    </article>`)}`;
}

export function PowerPanel({ feed }) {
  const [after, setAfter] = useState(50), [supply, setSupply] = useState(3700), [planned, setPlanned] = useState(false);
  const on = feed.latest.state?.on;
  const power = action => () => feed.call("POST", "v1/power/" + action);
  const plan = async () => setPlanned(await feed.call("PUT", "v1/planned-cut", { after: Number(after), tear: "even torn" }) !== null);
  return html`
    <div class="columns">
      <div><h3>Power</h3><div class="row">
        <button onClick=${power("cycle")}>Off and on again</button>
        ${on ? html`<button onClick=${power("cut")}>Pull the plug</button><button onClick=${power("off")}>Switch off in order</button>` : html`<button class="primary" onClick=${power("on")}>Switch on</button>`}
      </div></div>
      <div><h3>Power cut inside a write</h3><div class="row">
        <label class="field"><span>after so many flash steps</span><input type="number" min="0" value=${after} onInput=${e => setAfter(e.target.value)} /></label>
        <button onClick=${plan} disabled=${!on}>Plan the cut</button></div>
        <p class="legend">${planned && on ? "Planned. A certificate takes some 300 steps; the next write will not end well." : "A step is one word programmed or one page erased."}</p></div>
      <div><h3>Supply</h3><div class="row">
        <label class="field"><span>millivolts</span><input type="number" min="1" max="10000" step="100" value=${supply} onInput=${e => setSupply(e.target.value)} /></label>
        <button disabled=${!on} onClick=${() => feed.call("PUT", "v1/supply", { millivolts: Number(supply) })}>Set</button></div>
        <p class="legend">Below the threshold of <code>AT%XPOFWARN</code> the modem warns and refuses writes with 528.</p></div>
    </div>`;
}

// EventsPanel draws only the lines that can be seen, so that many stay smooth.
export function EventsPanel({ feed }) {
  const list = feed.lists.event, height = 22;
  const box = useRef();
  const [top, setTop] = useState(0), [follow, setFollow] = useState(true);
  useEffect(() => {
    if (follow && box.current) box.current.scrollTop = list.length * height;
  }, [list.length, follow]);
  const first = Math.max(0, Math.floor(top / height) - 5), shown = list.slice(first, first + 60);
  // Only a hand stops following: events may come faster than the scrolling to the end is
  // told, and a list that is cut scrolls back by itself.
  const last = useRef(0), hand = useRef(0);
  const touched = () => { hand.current = Date.now() + 1000; }, held = () => { hand.current = Date.now() + 10000; };
  const scrolled = e => {
    const at = e.target.scrollTop;
    if (at + e.target.clientHeight > e.target.scrollHeight - 40) setFollow(true);
    else if (at < last.current && Date.now() < hand.current) setFollow(false);
    last.current = at;
    setTop(at);
  };
  return html`
    <div class="list mono" ref=${box} tabindex="0" role="log" aria-live="off" aria-label="All events" onScroll=${scrolled} onWheel=${touched} onKeyDown=${touched} onTouchMove=${touched} onPointerDown=${held}>
      <div style=${{ height: list.length * height + "px" }}></div>
      ${shown.map((e, i) => html`<div class="line" key=${e.seq} style=${{ top: (first + i) * height + "px" }}>${time(e.at)} ${e.text}</div>`)}
    </div>
    <p class="legend">${number(list.length)} events${follow ? "" : "; scroll to the end to follow"}</p>`;
}
