// Firmware is the exercise in C: build and flash, the board's LEDs and buttons, and the
// console.
import { html, useState, useEffect, useRef } from "./vendor/htm-preact.mjs";
import { openScreen } from "./screen.js";

const parts = [1, 2, 3, 4];

function status(f) {
  const took = f.took ? ` in ${(f.took / 1000).toFixed(1)} s` : "";
  switch (f.phase) {
    case "waiting": return ["warn", "waiting for a place to build"];
    case "building": return ["warn", "building"];
    case "failed": return ["bad", "does not build" + (f.running ? "; the firmware of before runs" : "")];
    case "running": return ["on", "built" + took + ", runs"];
    case "ended": return ["", "has ended"];
    case "crashed": return ["bad", "has crashed"];
  }
  return ["", "nothing is flashed"];
}

function Console({ feed }) {
  const box = useRef();
  useEffect(() => {
    const { term, close } = openScreen(box.current, true);
    const stop = feed.console.listen(part => part.clear ? term.reset() : term.write(part.text));
    return () => { stop(); close(); };
  }, []);
  return html`<div class="screen console" ref=${box} tabindex="0" role="region" aria-label="Console"></div>`;
}

function Code({ lab, feed, f }) {
  const picked = useRef();
  const upload = async files => {
    for (const file of files) {
      const zip = /\.zip$/i.test(file.name);
      if (!await feed.call("PUT", zip ? "code.zip" : "code/" + encodeURIComponent(file.name), undefined, file)) break;
    }
    picked.current.value = "";
  };
  const original = async () => {
    if (confirm(f.upload ? "Put the original code back? What you uploaded is lost." : "Put the original code back? Yours is kept beside it.")) await feed.call("POST", "firmware/original");
  };
  return html`<div class="row code">
    ${f.upload ? html`
      <a class="get" href="code.zip" download>Get the code</a>
      <label class="upload">Upload <input ref=${picked} type="file" multiple onChange=${e => upload(e.target.files)} /></label>
      <span class="legend">${(f.files || []).join(", ")}</span>`
    : f.dir && html`<span>Your code: <code class="path">${f.dir}</code></span>`}
    <button class="quiet" onClick=${original}>Original code</button>
  </div>`;
}

export function Firmware({ lab, feed, hidden }) {
  const f = feed.latest.firmware || {};
  const busy = f.phase === "building" || f.phase === "waiting";
  const [tone, text] = status(f);
  const press = n => feed.call("POST", `v1/board/buttons/${n}/press`);
  const keys = e => {
    if (/^[1-4]$/.test(e.key) && !e.ctrlKey && !e.metaKey && !e.altKey && f.running) press(e.key);
  };
  return html`
    <section class="panel firmware" aria-label="Firmware" hidden=${hidden}>
      <h2 class="visually-hidden">Firmware</h2>
      ${f.why ? html`<p class="empty">${f.why}</p>` : html`
      <div class="row">
        <button class="primary" disabled=${busy} onClick=${() => feed.call("POST", "firmware/flash")}>${busy ? "Building …" : "Build and flash"}</button>
        <button disabled=${!f.running} onClick=${() => feed.call("POST", "v1/power/cycle")}>Reset</button>
        <button disabled=${!f.running} onClick=${() => feed.call("POST", "firmware/stop")}>Stop</button>
        <span class=${"light " + tone} role="status">${text}</span>
        <span class="spacer"></span>
        <div class="board" role="group" aria-label="LEDs"><span class="legend" aria-hidden="true">LEDs</span>${parts.map(n => html`<span class=${"led" + (f.leds >> (n - 1) & 1 ? " on" : "")} role="img" aria-label=${`LED ${n} ${f.leds >> (n - 1) & 1 ? "on" : "off"}`}>${n}</span>`)}</div>
        <div class="board" role="group" aria-label="Buttons" onKeyDown=${keys}><span class="legend" aria-hidden="true">Buttons</span>${parts.map(n => html`<button class=${"key" + (f.buttons >> (n - 1) & 1 ? " down" : "")} disabled=${!f.running} aria-label=${"Button " + n} onClick=${() => press(n)}>${n}</button>`)}</div>
      </div>
      <${Code} lab=${lab} feed=${feed} f=${f} />
      ${f.said && html`<details class="said" aria-label="What the build says" open=${f.phase === "failed"}><summary>${f.phase === "failed" ? "What is wrong" : "What the compiler says"}</summary><pre tabindex="0" role="region" aria-label="What the build says">${f.said}</pre></details>`}
      ${(f.phase === "ended" || f.phase === "crashed") && f.end && html`<p class=${f.phase === "crashed" ? "why" : "legend"}>The firmware runs no more: ${f.end}.</p>`}
      ${!f.phase && html`<p class="legend">What the firmware prints appears below when it runs.</p>`}
      <${Console} feed=${feed} />`}
    </section>`;
}
