// The chapter "Laboratory": controls, figures and numbers that answer at once, computed by theory.js.
(() => {
  const { CONTROLS, CHOICES, GROUPS, START, N_RANGE, M_RANGE, valid, parsed, used, address, python, rounded } = labState;
  const POINTS = 140;
  const NEAR = [-0.3, -0.15, -0.07, -0.03, -0.012, -0.004, 0, 0.004, 0.012, 0.03, 0.07, 0.15, 0.3];
  const PARTS = ["bias", "variance", "shift", "total"];
  const NAMES = { bias: "bias B", variance: "variance V", shift: "shift ζ", total: "test error E", clean: "same rows, all real", plateau: "plateau p₂²c²" };

  // Computing

  const problemOf = ({ d, p2, c2, noise1, noise2, spectrum, beta, r, q }) =>
    spectrum === "isotropic" ? theory.isotropic(d, p2, c2, [noise1, noise2]) : theory.powerLaw(d, p2, c2, [noise1, noise2], beta, r, q);

  const grid = (range, peak) => {
    const all = Array.from({ length: POINTS + 1 }, (_, i) => 10 ** (range[0] + ((range[1] - range[0]) * i) / POINTS));
    return [...all, ...NEAR.map((step) => peak * Math.exp(step))].sort((a, b) => a - b);
  };

  const compute = (state) => {
    const problem = problemOf(state);
    const { n, d, lam, p2 } = state;
    const m = state.model === "projection" ? state.m : undefined;
    const peaks = { n: Math.min(d, m ?? d), m: Math.min(n, d) };
    const sweep = (range, peak, student) => {
      const points = Object.fromEntries([...PARTS, "clean"].map((kind) => [kind, []]));
      let above;
      grid(range, peak).forEach((x) => {
        const found = student(x, above);
        above = found.kappa;
        const risk = theory.risk(problem, found);
        PARTS.forEach((kind) => points[kind].push([x, risk[kind]]));
        points.clean.push([x, theory.risk(problem, found, 0).total]);
      });
      return points;
    };
    const student = theory.student(problem, n, lam, m);
    const n1 = (1 - p2) * n;
    return {
      problem,
      m,
      peaks,
      student,
      risk: theory.risk(problem, student),
      n1,
      real: n1 > 0 ? theory.risk(problem, theory.student(problem, n1, lam, m), 0) : { bias: 1, variance: 0, shift: 0, total: 1 },
      plateau: theory.plateau(problem),
      againstN: sweep(N_RANGE, peaks.n, (x, above) => theory.student(problem, x, lam, m, above)),
      againstM: sweep(M_RANGE, peaks.m, (x, above) => theory.student(problem, n, lam, x, above)),
    };
  };

  // Words and numbers

  const short = (value, digits = 3) => {
    if (!Number.isFinite(value)) return "∞";
    if (value === 0 || (value >= 1e-4 && value < 1e5)) return String(Number(value.toPrecision(digits)));
    return value.toExponential(digits - 1).replace("e+", "e");
  };

  const counted = (rows) => Math.round(rows).toLocaleString("en");

  const summary = (state, { risk, real, n1, plateau }) => {
    if (!Number.isFinite(risk.total)) return "The test error is infinite: this is the peak, without a ridge to hold it.";
    const largest = ["bias", "variance", "shift"].reduce((a, b) => (risk[b] > risk[a] ? b : a));
    const nothing = risk.total > 1 ? " A model that always says zero does better: it has 1." : "";
    const first = `Test error ${short(risk.total)}; ${Math.round((100 * risk[largest]) / risk.total)} % of it is ${largest}.${nothing}`;
    if (state.p2 === 0) return `${first} All rows are real: no plateau.`;
    const floor = `The plateau is ${short(plateau)}.`;
    if (state.p2 === 1) return `${first} ${floor} No row is real.`;
    const verdict = risk.total < real.total ? "mixed in as they are, the synthetic rows help" : "mixed in as they are, the synthetic rows do harm";
    return `${first} ${floor} At this ridge the ${counted(n1)} real rows alone, without the ${counted(state.n - n1)} synthetic ones, would have ${short(real.total)}: ${verdict}.`;
  };

  const swatch = (kind) =>
    `<svg class="lab-swatch" width="28" height="10" aria-hidden="true"><line x1="1" x2="27" y1="5" y2="5" class="lab-curve lab-${kind}"/></svg>`;

  const FACTS = {
    "plateau p₂²c²": ({ plateau }) => plateau,
    "effective ridge κ": ({ student }) => student.kappa,
    "degrees of freedom df₁": ({ student }) => student.df1,
    "φ = d/n": ({ problem, student }) => problem.d / student.n,
    "ψ = m/n": ({ m, student }) => (m ?? Infinity) / student.n,
  };
  const rows = PARTS.map((kind) => `<tr><th scope="row">${swatch(kind)}${NAMES[kind]}</th><td></td><td></td></tr>`).join("");
  const facts = Object.keys(FACTS).map((name) => `<div><dt>${name}</dt><dd></dd></div>`).join("");

  // The page

  const controlHtml = (name) => {
    if (CHOICES[name]) {
      const radios = Object.entries(CHOICES[name].options).map(
        ([option, label]) => `<label><input type="radio" name="lab-${name}" value="${option}"> ${label}</label>`
      );
      const legend = name === "model" ? "model" : "eigenvalues";
      return `<div class="lab-choice" role="radiogroup" aria-label="${legend}">${radios.join("")}</div>`;
    }
    const { symbol, label, values, low, high, whole } = CONTROLS[name];
    return `<div class="lab-control" data-name="${name}">
      <label for="lab-${name}"><var>${symbol}</var> ${label}</label>
      <input type="number" id="lab-${name}-number" aria-label="${symbol} ${label}, exact value" min="${low}" max="${high}" step="${whole ? 1 : "any"}">
      <input type="range" id="lab-${name}" min="0" max="${values.length - 1}" step="1"></div>`;
  };
  const legend = ["total", "bias", "variance", "shift", "clean", "plateau"]
    .map((kind) => `<li>${swatch(kind)}${NAMES[kind]}</li>`)
    .join("");
  const figure = (name, label) => `<div class="lab-figure" id="lab-${name}" role="img" aria-label="${label} The table has the numbers."><div></div><div></div></div>`;

  const html = `
    <div class="lab-note" hidden></div>
    <p class="lab-summary" aria-hidden="true"></p>
    <p class="lab-spoken" role="status" aria-live="polite"></p>
    <ul class="lab-legend">${legend}</ul>
    ${figure("against-n", "Test error and its parts against the number of rows.")}
    ${figure("against-m", "Test error and its parts against the size of the model.")}
    <form class="lab-controls" autocomplete="off">
      ${Object.entries(GROUPS).map(([title, names]) => `<fieldset><legend>${title}</legend>${names.map(controlHtml).join("")}</fieldset>`).join("")}
    </form>
    <p class="lab-buttons"><button type="button" data-action="reset">Reset</button>
      <button type="button" data-action="share">Copy a link to this setting</button></p>
    ${figure("phase", "Phase diagram: features per row against projections per row.")}
    <div class="lab-numbers"><table><caption>The error in numbers; the signal is r² = 1</caption>
      <thead><tr><td></td><th scope="col">mixture</th><th scope="col">its real rows alone</th></tr></thead><tbody>${rows}</tbody></table>
      <dl>${facts}</dl></div>
    <div class="lab-python"><p>The same numbers in Python <button type="button" data-action="copy">Copy</button></p><pre tabindex="0"><code></code></pre></div>`;

  const start = (root) => {
    root.innerHTML = html;
    document.documentElement.classList.add("lab-live");
    const one = (selector) => root.querySelector(selector);
    let state = parsed(location.hash.slice(1));
    let frame = 0;
    let later = 0;

    // Writes only what has changed: most of the page stays as it is while a slider moves.
    const written = new Map();
    const put = (element, content) => {
      if (written.get(element) !== content) element.innerHTML = content;
      written.set(element, content);
    };

    const showControls = () => {
      Object.entries(CONTROLS).forEach(([name, { values }]) => {
        const [number, slider] = [one(`#lab-${name}-number`), one(`#lab-${name}`)];
        const nearest = values.reduce((best, value, i) => (Math.abs(value - state[name]) < Math.abs(values[best] - state[name]) ? i : best), 0);
        if (values[slider.value] !== state[name]) slider.value = nearest;
        slider.setAttribute("aria-valuetext", short(state[name]));
        if (document.activeElement !== number && number.value !== String(state[name])) number.value = state[name];
        number.removeAttribute("aria-invalid");
        number.disabled = slider.disabled = !used(state, name);
      });
      Object.keys(CHOICES).forEach((name) => {
        one(`input[name="lab-${name}"][value="${state[name]}"]`).checked = true;
      });
    };

    const figures = ["against-n", "against-m", "phase"].map((name) => one(`#lab-${name}`));
    let room = [];
    const measure = () => {
      room = figures.map((element) => [element.clientWidth, element.clientHeight]);
    };

    const showFigures = (found) => {
      const { againstN, againstM, risk, peaks, plateau, m } = found;
      const finite = [againstN, againstM].flatMap(({ total, clean }) => [...total, ...clean]).map(([, value]) => value);
      const bound = (values, low, high) => Math.min(Math.max(Math.log10(values), low), high);
      const yRange = [
        Math.floor(bound(Math.min(...finite), -8, -3)),
        Math.ceil(bound(Math.max(...finite), 0.1, 2)),
      ];
      const kinds = ["clean", "bias", "variance", "shift", "total"];
      const view = (points, range, name, peak, here) => ({
        range,
        yRange,
        name,
        peak,
        here,
        lines: [{ kind: "plateau", height: plateau }, ...(here.x ? [] : [{ kind: "total lab-level", height: risk.total }])],
        curves: kinds.map((kind) => ({ kind, points: points[kind] })),
      });
      const dots = PARTS.map((kind) => ({ kind, height: risk[kind] }));
      const nPeak = { x: peaks.n, label: m < state.d ? "n = m" : "n = d" };
      const mPeak = { x: peaks.m, label: state.n < state.d ? "m = n" : "m = d" };
      const nView = view(againstN, N_RANGE, "n, rows", nPeak, { x: state.n, dots });
      const mName = m ? "m, projections" : "m, projections, if the model had them";
      const mView = view(againstM, M_RANGE, mName, mPeak, m ? { x: m, dots } : { dots: [] });
      const drawn = [
        labFigures.curves(nView, ...room[0]),
        labFigures.curves(mView, ...room[1]),
        labFigures.phase(state.d / state.n, m ? m / state.n : Infinity, ...room[2]),
      ];
      figures.forEach(({ children }, i) => {
        put(children[0], drawn[i].still);
        put(children[1], drawn[i].moving);
      });
    };

    const cells = [...root.querySelectorAll(".lab-numbers :is(tbody td, dd)")];
    const showNumbers = (found) => {
      const values = [
        ...PARTS.flatMap((kind) => [found.risk[kind], found.real[kind]]),
        ...Object.values(FACTS).map((fact) => fact(found)),
      ];
      cells.forEach((cell, i) => {
        cell.dataset.value = values[i];
        put(cell, short(values[i], 4));
      });
    };

    const draw = () => {
      frame = 0;
      const found = compute(state);
      showControls();
      showFigures(found);
      const words = summary(state, found);
      put(one(".lab-summary"), words);
      showNumbers(found);
      put(one("code"), python(state));
      clearTimeout(later);
      later = setTimeout(() => {
        one(".lab-spoken").textContent = words;
        history.replaceState(null, "", `#${address(state)}`);
      }, 400);
    };
    const set = (changes) => {
      state = { ...state, ...changes };
      frame ||= requestAnimationFrame(draw);
    };

    root.addEventListener("input", ({ target }) => {
      if (target.type === "radio") return set({ [target.name.slice(4)]: target.value });
      const name = target.closest("[data-name]").dataset.name;
      if (target.type === "range") return set({ [name]: CONTROLS[name].values[target.value] });
      if (valid(name, target.value)) return set({ [name]: Number(target.value) });
      return target.setAttribute("aria-invalid", "true");
    });
    root.addEventListener("focusout", ({ target }) => target.type === "number" && set({}));
    one("form").addEventListener("submit", (event) => event.preventDefault());

    // A pointer on a figure sets what is on its horizontal axis.
    const drag = (id, name, range) => {
      const element = one(id);
      element.addEventListener("pointermove", (event) => event.buttons && move(event));
      element.addEventListener("pointerdown", (event) => move(event));
      const move = (event) => {
        const { left, width } = element.getBoundingClientRect();
        const value = labFigures.xAxis(width, range).valueAt(event.clientX - left);
        const { low, high } = CONTROLS[name];
        set({ [name]: Math.min(Math.max(rounded(value, true), low), high), ...(name === "m" ? { model: "projection" } : {}) });
      };
    };
    drag("#lab-against-n", "n", N_RANGE);
    drag("#lab-against-m", "m", M_RANGE);

    const copy = async (button, text) => {
      const label = button.textContent;
      try {
        await navigator.clipboard.writeText(text);
        button.textContent = "Copied";
      } catch {
        button.textContent = "This browser does not let a page copy";
      }
      setTimeout(() => (button.textContent = label), 1500);
    };
    const actions = {
      reset: () => {
        one(".lab-note").hidden = true;
        set(START);
      },
      share: (button) => copy(button, `${location.href.split("#")[0]}#${address(state)}`),
      copy: (button) => copy(button, one("code").textContent),
    };
    root.addEventListener("click", ({ target }) => actions[target.dataset.action]?.(target));

    // An experiment of the chapter sets the controls and shows its text above the figures.
    document.querySelectorAll("button[data-setting]").forEach((button) => {
      button.addEventListener("click", () => {
        const note = one(".lab-note");
        note.replaceChildren(...[...button.closest(".experiment").children].map((child) => child.cloneNode(true)));
        note.querySelectorAll("button").forEach((copied) => copied.remove());
        note.hidden = false;
        set(parsed(button.dataset.setting));
        root.scrollIntoView();
        one("#lab-n").focus({ preventScroll: true });
      });
    });

    window.addEventListener("hashchange", () => location.hash.includes("=") && set(parsed(location.hash.slice(1))));
    new ResizeObserver(() => {
      measure();
      set({});
    }).observe(root);
    measure();
    draw();
  };

  document.addEventListener("DOMContentLoaded", () => {
    const root = document.getElementById("lab");
    if (root) start(root);
  });
})();
