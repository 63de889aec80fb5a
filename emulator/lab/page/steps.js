// Steps shows the exercise and how far it is done.
import { html, useState, useEffect, useRef } from "./vendor/htm-preact.mjs";

export function Steps({ lab, feed }) {
  const now = feed.latest.steps || { exercise: lab.exercises[0].id, steps: [] };
  const exercise = lab.exercises.find(e => e.id === now.exercise) || lab.exercises[0];
  const [shown, setShown] = useState({});
  const [hints, setHints] = useState({});
  const done = now.steps.filter(s => s.done).length;
  const current = now.steps.findIndex(s => !s.done);
  const begin = async id => {
    if (done > 0 && !confirm("Start the exercise from the beginning? The modem is emptied.")) return;
    if (await feed.call("POST", "exercise/" + id)) { setShown({}); setHints({}); }
  };
  // What becomes done, or open again, is told to who does not see it.
  const before = useRef({}), [told, tell] = useState("");
  useEffect(() => {
    const was = before.current;
    if (was.exercise === now.exercise) {
      const i = now.steps.findIndex((s, i) => was.steps[i]?.done !== undefined && s.done !== was.steps[i].done);
      if (i >= 0) tell(`Step ${i + 1}, ${exercise.steps[i].title}, is ${now.steps[i].done ? "done" : "open again"}.`);
    }
    before.current = now;
  }, [now]);
  useEffect(() => { document.title = `${done}/${exercise.steps.length} · ${exercise.title}`; }, [done, exercise.id]);
  return html`
    <section class="panel steps" aria-label="Exercise">
      <h2 class="visually-hidden">${exercise.title}</h2>
      <p class="visually-hidden" role="status">${told}</p>
      <div class="row">
        <label class="visually-hidden" for="exercise">Exercise</label>
        <select id="exercise" value=${exercise.id} onChange=${e => { const id = e.target.value; e.target.value = exercise.id; begin(id); }}>
          ${lab.exercises.map(e => html`<option value=${e.id}>${e.title}</option>`)}
        </select>
        <button onClick=${() => begin(exercise.id)}>Start over</button>
      </div>
      <div class="progress" role="progressbar" aria-valuemin="0" aria-valuemax=${exercise.steps.length} aria-valuenow=${done} aria-label="Steps done"><div style=${{ width: 100 * done / exercise.steps.length + "%" }}></div></div>
      <p class="legend">${done} of ${exercise.steps.length} steps done</p>
      <div class="intro" dangerouslySetInnerHTML=${{ __html: exercise.intro }}></div>
      <ol class="steplist" role="list">
        ${exercise.steps.map((step, i) => {
          const st = now.steps[i] || {};
          const open = shown[step.id] ?? i === current;
          const n = hints[step.id] || 0;
          return html`
            <li key=${exercise.id + step.id} class=${st.done ? "done" : i === current ? "current" : ""}>
              <button class="step-head" aria-expanded=${open} onClick=${() => setShown({ ...shown, [step.id]: !open })}>
                <span class="mark" aria-hidden="true">${st.done ? "✓" : i + 1}</span>
                <span>${step.title}<span class="visually-hidden">${st.done ? ", done" : ", not done"}</span></span>
              </button>
              ${open && html`<div class="step-body">
                <div dangerouslySetInnerHTML=${{ __html: step.text }}></div>
                ${step.hints.slice(0, n).map(h => html`<div class="hint" dangerouslySetInnerHTML=${{ __html: h }}></div>`)}
                ${!st.done && st.why && html`<p class="missing">${st.why}.</p>`}
                ${!st.done && n < step.hints.length && html`<button class="quiet" onClick=${() => setHints({ ...hints, [step.id]: n + 1 })}>${n ? "Another hint" : "Give me a hint"}</button>`}
              </div>`}
            </li>`;
        })}
      </ol>
      ${done === exercise.steps.length && html`<p class="finished" role="status"><strong>Done.</strong> All steps hold. The <a href="report.html">report</a> is for your teacher.</p>`}
    </section>`;
}
