// The student's page: what the lab tells by WebSocket, and what the student does.
import { html, render, useState, useEffect, useRef, useMemo } from "./vendor/htm-preact.mjs";
import { Feed } from "./feed.js";
import { Terminal } from "./terminal.js";
import { Firmware } from "./firmware.js";
import { Steps } from "./steps.js";
import { registration, ModemPanel, StorePanel, FlashPanel, TLSPanel, BrokerPanel, JudgePanel, PowerPanel, EventsPanel } from "./panels.js";

const tabs = [
  ["Modem", ModemPanel], ["Store", StorePanel], ["Flash", FlashPanel], ["TLS", TLSPanel],
  ["Broker", BrokerPanel], ["Judge", JudgePanel], ["Power", PowerPanel], ["Events", EventsPanel],
];

function App({ lab, feed }) {
  const [, again] = useState(0);
  useEffect(() => feed.listen(() => again(n => n + 1)), []);
  const [tab, setTab] = useState("Modem");
  const state = feed.latest.state || {};
  const errors = (feed.latest.judge?.findings || []).filter(f => f.level === "error").length;
  const Panel = useMemo(() => tabs.find(t => t[0] === tab)[1], [tab]);
  const exercise = lab.exercises.find(e => e.id === feed.latest.steps?.exercise) || lab.exercises[0];
  const [front, setFront] = useState("Firmware"), inC = exercise.code;
  const select = name => { setTab(name); document.getElementById("tab-" + name)?.focus(); };
  const arrow = e => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
    if (step) {
      const i = tabs.findIndex(t => t[0] === tab);
      select(tabs[(i + step + tabs.length) % tabs.length][0]);
    }
  };
  return html`
    <header>
      <h1>nrf91emu lab</h1>
      <span class=${"light " + (state.crashed ? "bad" : state.on ? "on" : "")}>${state.crashed ? "modem crashed" : state.on ? "power on" : "power off"}</span>
      <span class=${"light " + ([1, 5].includes(state.registration) ? "on" : state.registration === 2 ? "warn" : "")}>${registration(state)}</span>
      <span class=${"light " + (feed.latest.client?.connected ? "on" : "")}>second client</span>
      <span class="spacer"></span>
      ${lab.students > 1 && html`<span>Seat ${lab.seat}</span>`}
      <a href="report.html">Report</a> <a href="transcript.txt">Transcript</a>
    </header>
    ${!feed.connected && html`<p class="banner" role="status">The connection to the lab is gone; trying again. What you did is kept.</p>`}
    ${feed.error && html`<p class="banner" role="alert">${feed.error} <button onClick=${() => feed.fail("")}>Close</button></p>`}
    <main>
      <${Steps} lab=${lab} feed=${feed} />
      <div class="front">
        ${inC && html`<div class="switch" role="group" aria-label="Show">${["Firmware", "Terminal"].map(name => html`<button aria-pressed=${front === name} onClick=${() => setFront(name)}>${name === "Terminal" ? "AT terminal" : name}</button>`)}</div>`}
        ${inC && html`<${Firmware} lab=${lab} feed=${feed} hidden=${front !== "Firmware"} />`}
        <${Terminal} lab=${lab} feed=${feed} hidden=${inC && front !== "Terminal"} />
      </div>
      <section class="panel" aria-label="What is going on inside">
        <div class="tabs" role="tablist" onKeyDown=${arrow}>
          ${tabs.map(([name]) => html`<button role="tab" id=${"tab-" + name} aria-selected=${tab === name} aria-controls="panel" tabindex=${tab === name ? 0 : -1} onClick=${() => setTab(name)}>${name}${name === "Judge" && errors > 0 && html`<span class="badge">${errors}</span>`}</button>`)}
        </div>
        <div id="panel" role="tabpanel" aria-labelledby=${"tab-" + tab}><${Panel} lab=${lab} feed=${feed} /></div>
      </section>
    </main>`;
}

async function start() {
  const root = document.getElementById("app");
  try {
    const answer = await fetch("lab");
    if (!answer.ok) throw new Error(await answer.text());
    const lab = await answer.json();
    root.replaceChildren();
    render(html`<${App} lab=${lab} feed=${new Feed()} />`, root);
  } catch (err) {
    root.textContent = "The lab does not answer: " + err.message;
    setTimeout(start, 2000);
  }
}
start();
