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
    const i = tabs.findIndex(t => t[0] === tab), last = tabs.length - 1;
    const to = { ArrowRight: i < last ? i + 1 : 0, ArrowLeft: i ? i - 1 : last, Home: 0, End: last }[e.key];
    if (to === undefined) return;
    e.preventDefault();
    select(tabs[to][0]);
  };
  return html`
    <a class="skip" href="#command" onClick=${e => { e.preventDefault(); setFront("Terminal"); setTimeout(() => document.getElementById("command").focus()); }}>To the terminal</a>
    <header>
      <h1>nrf91emu lab</h1>
      <div class="lights" role="status" aria-label="Modem and second client"><span class=${"light " + (state.crashed ? "bad" : state.on ? "on" : "")}>${state.crashed ? "modem crashed" : state.on ? "power on" : "power off"}</span>
      <span class=${"light " + ([1, 5].includes(state.registration) ? "on" : state.registration === 2 ? "warn" : "")}>${registration(state)}</span>
      <span class=${"light " + (feed.latest.client?.connected ? "on" : "")}>second client<span class="visually-hidden">${feed.latest.client?.connected ? ", connected" : ", not connected"}</span></span></div>
      <span class="spacer"></span>
      ${lab.students > 1 && html`<span>Seat ${lab.seat}</span>`}
      <a class="get" href="report.html">Report</a> <a class="get" href="transcript.txt">Transcript</a>
    </header>
    <div role="alert">
      ${!feed.connected && html`<p class="banner">${feed.gone ? "The lab does not know this page any more: " + feed.gone : "The lab does not answer: its program has ended, or the network is gone. The page goes on by itself when it is back."} <button onClick=${() => feed.again()}>Try now</button></p>`}
      ${feed.notice && html`<p class="banner">${feed.notice} <button onClick=${() => { feed.notice = ""; feed.changed(); }}>Close</button></p>`}
      ${feed.error && html`<p class="banner bad">${feed.error} <button onClick=${() => feed.fail("")}>Close</button></p>`}
    </div>
    <main>
      <${Steps} lab=${lab} feed=${feed} />
      <div class="front">
        ${inC && html`<div class="switch" role="group" aria-label="Show">${["Firmware", "Terminal"].map(name => html`<button aria-pressed=${front === name} onClick=${() => setFront(name)}>${name === "Terminal" ? "AT terminal" : name}</button>`)}</div>`}
        ${inC && html`<${Firmware} lab=${lab} feed=${feed} hidden=${front !== "Firmware"} />`}
        <${Terminal} lab=${lab} feed=${feed} hidden=${inC && front !== "Terminal"} />
      </div>
      <section class="panel inside" aria-label="What is going on inside">
        <h2 class="visually-hidden">What is going on inside</h2>
        <div class="tabs" role="tablist" aria-label="Panels" onKeyDown=${arrow}>
          ${tabs.map(([name]) => html`<button role="tab" id=${"tab-" + name} aria-selected=${tab === name} aria-controls="panel" tabindex=${tab === name ? 0 : -1} onClick=${() => setTab(name)}>${name}${name === "Judge" && errors > 0 && html`<span class="badge">${errors}<span class="visually-hidden">${errors === 1 ? " error" : " errors"}</span></span>`}</button>`)}
        </div>
        <div id="panel" role="tabpanel" aria-labelledby=${"tab-" + tab} tabindex="0"><${Panel} lab=${lab} feed=${feed} /></div>
      </section>
    </main>`;
}

// What does not change while a lab runs; another one has another port and other files.
async function ask() {
  const answer = await fetch("lab");
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}

async function start() {
  const root = document.getElementById("app");
  try {
    const lab = await ask();
    root.replaceChildren();
    const feed = new Feed();
    const show = lab => render(html`<${App} lab=${lab} feed=${feed} />`, root);
    feed.renewed = () => ask().then(show, () => {});
    show(lab);
  } catch (err) {
    root.textContent = "The lab does not answer; trying again. " + err.message;
    setTimeout(start, 2000);
  }
}
start();
