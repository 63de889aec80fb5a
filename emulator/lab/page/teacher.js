// The teacher's page: who stands where, and who is stuck on what.
import { html, render, useState, useEffect } from "./vendor/htm-preact.mjs";

const stuckAfter = 5; // minutes

function Seat({ seat: s, lone }) {
  const i = s.steps.findIndex(x => !x.done), next = s.steps[i];
  const minutes = s.stuck ? Math.floor((Date.now() - Date.parse(s.stuck)) / 60000) : 0;
  const stuck = next && minutes >= stuckAfter;
  return html`<tr class=${stuck ? "stuck" : ""}>
    <th scope="row"><a class="get" href=${s.page}>Seat ${s.seat}</a></th>
    ${!lone && html`<td>${s.exercise}</td>`}
    <td><span class="progress" aria-hidden="true"><span style=${{ width: 100 * s.done / s.steps.length + "%" }}></span></span> ${s.done} of ${s.steps.length}</td>
    <td>${next ? html`${i + 1}. ${next.title}${next.why && html`<div class="legend">${next.why}</div>`}` : html`<span class="ok">✓ all done</span>`}</td>
    <td>${next ? html`${minutes} min${stuck && html` <strong class="no">stuck</strong>`}` : ""}</td>
    <td>${s.boots}</td>
    <td><a class="get" href=${s.page + "report.html"} aria-label=${"Report of seat " + s.seat}>Report</a></td>
  </tr>`;
}

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
        setError("The lab does not answer, so this may be old; trying again. " + err.message);
      }
      if (!stop) setTimeout(ask, 2000);
    };
    ask();
    return () => { stop = true; };
  }, []);
  const lone = new Set(seats?.map(s => s.exercise)).size === 1; // all do the same
  const done = seats?.filter(s => s.done === s.steps.length).length;
  useEffect(() => { if (seats) document.title = `${done}/${seats.length} done · nrf91emu lab`; }, [done, seats?.length]);
  return html`
    <header><h1>Class${lone && html` <small>${seats[0].exercise}</small>`}</h1><span class="spacer"></span>${seats && html`<span role="status">${done} of ${seats.length} ${seats.length === 1 ? "student" : "students"} done</span>`}</header>
    <div role="alert">${error && html`<p class="banner">${error}</p>`}</div>
    ${!seats && !error && html`<p class="loading">Asking the lab …</p>`}
    ${seats && html`<main class="class"><section class="panel scroll" tabindex="0" aria-label="Students"><table aria-label="Students">
      <thead><tr><th>Student</th>${!lone && html`<th>Exercise</th>`}<th>Steps done</th><th>Is at</th><th>For</th><th>Starts</th><th>Report</th></tr></thead>
      <tbody>${seats.map(s => html`<${Seat} key=${s.seat} seat=${s} lone=${lone} />`)}</tbody>
    </table></section></main>`}`;
}

const root = document.getElementById("app");
root.replaceChildren();
render(html`<${Class} />`, root);
