// The teacher's page: who stands where, and who is stuck on what.
import { html, render, useState, useEffect } from "./vendor/htm-preact.mjs";

const stuckAfter = 5 * 60 * 1000;

function Class() {
  const [seats, setSeats] = useState(null), [error, setError] = useState("");
  useEffect(() => {
    let stop = false;
    const ask = async () => {
      try {
        const answer = await fetch("class");
        if (!answer.ok) throw new Error(await answer.text());
        setSeats((await answer.json()).seats);
        setError("");
      } catch (err) {
        setError("The lab does not answer: " + err.message);
      }
      if (!stop) setTimeout(ask, 2000);
    };
    ask();
    return () => { stop = true; };
  }, []);
  const waiting = s => s.stuck && Date.now() - Date.parse(s.stuck) > stuckAfter;
  return html`
    <header><h1>Class</h1><span class="spacer"></span>${seats && html`<span>${seats.filter(s => s.done === s.steps.length).length} of ${seats.length} done</span>`}</header>
    ${error && html`<p class="banner" role="alert">${error}</p>`}
    ${seats && html`<main style="display:block"><section class="panel scroll"><table>
      <thead><tr><th>Seat</th><th>Exercise</th><th>Done</th><th>At</th><th>For</th><th>Starts</th></tr></thead>
      <tbody>${seats.map(s => {
        const next = s.steps.find(x => !x.done);
        const minutes = s.stuck ? Math.floor((Date.now() - Date.parse(s.stuck)) / 60000) : 0;
        return html`<tr key=${s.seat}><td>${s.seat}</td><td>${s.exercise}</td><td>${s.done} of ${s.steps.length}</td><td>${next ? next.title : html`<span class="ok">✓ all done</span>`}</td><td class=${waiting(s) ? "no" : ""}>${next ? minutes + " min" : ""}</td><td>${s.boots}</td></tr>`;
      })}</tbody></table></section></main>`}`;
}

const root = document.getElementById("app");
root.replaceChildren();
render(html`<${Class} />`, root);
