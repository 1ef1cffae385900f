// What can be set in the chapter "Laboratory", within which bounds, and how a setting is written as an address and as Python.
const labState = (() => {
  const N_RANGE = [0, 7]; // powers of ten
  const M_RANGE = [0, 5];

  const rounded = (value, whole) => (whole ? Math.round(Number(value.toPrecision(3))) : Number(value.toPrecision(3)));
  const logarithmic = (low, high, perDecade, { whole = false, zero = false } = {}) => {
    const steps = Math.round(Math.log10(high / low) * perDecade);
    const values = Array.from({ length: steps + 1 }, (_, i) => rounded(low * (high / low) ** (i / steps), whole));
    return { values: [...new Set([...(zero ? [0] : []), ...values])], low: zero ? 0 : low, high, whole };
  };
  const linear = (low, high, steps) => ({
    values: Array.from({ length: steps + 1 }, (_, i) => rounded(low + ((high - low) * i) / steps)),
    low,
    high,
  });
  const percents = linear(0.01, 1, 99);
  const share = { ...percents, low: 0, values: [0, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, ...percents.values] };

  const CONTROLS = {
    n: { symbol: "n", label: "rows", start: 400, ...logarithmic(1, 10 ** N_RANGE[1], 40, { whole: true }) },
    d: { symbol: "d", label: "features", start: 100, ...logarithmic(2, 2000, 40, { whole: true }) },
    m: { symbol: "m", label: "projections", start: 200, ...logarithmic(1, 10 ** M_RANGE[1], 40, { whole: true }) },
    lam: { symbol: "λ", label: "ridge", start: 1e-3, ...logarithmic(1e-12, 100, 10, { zero: true }) },
    p2: { symbol: "p₂", label: "synthetic share", start: 0.2, ...share },
    c2: { symbol: "c²", label: "label error", start: 0.5, ...logarithmic(1e-3, 10, 30, { zero: true }) },
    noise1: { symbol: "σ₁²", label: "noise, real", start: 0.5, ...logarithmic(1e-3, 10, 30, { zero: true }) },
    noise2: { symbol: "σ₂²", label: "noise, synthetic", start: 0.5, ...logarithmic(1e-3, 10, 30, { zero: true }) },
    beta: { symbol: "β", label: "spectrum falls", start: 1.2, ...linear(0, 3, 60) },
    r: { symbol: "r", label: "signal falls", start: 1.8, ...linear(0, 4, 80) },
    q: { symbol: "q", label: "shift falls", start: 1.2, ...linear(0, 4, 80) },
  };
  const CHOICES = {
    model: { start: "ridge", options: { ridge: "all features", projection: "random projections" } },
    spectrum: { start: "isotropic", options: { isotropic: "isotropic", "power-law": "power law" } },
  };
  const GROUPS = {
    Rows: ["n", "p2", "d"],
    Model: ["model", "m", "lam"],
    Labels: ["c2", "noise1", "noise2"],
    Spectrum: ["spectrum", "beta", "r", "q"],
  };
  const START = Object.fromEntries(Object.entries({ ...CONTROLS, ...CHOICES }).map(([name, { start }]) => [name, start]));

  const valid = (name, text) => {
    if (CHOICES[name]) return Object.hasOwn(CHOICES[name].options, text);
    const { low, high, whole } = CONTROLS[name];
    const value = Number(text);
    return text.trim() !== "" && value >= low && value <= high && (!whole || Number.isInteger(value));
  };
  const parsed = (text) => {
    const state = { ...START };
    new URLSearchParams(text).forEach((value, name) => {
      if (Object.hasOwn(START, name) && valid(name, value)) state[name] = CHOICES[name] ? value : Number(value);
    });
    return state;
  };
  const used = (state, name) =>
    (name !== "m" || state.model === "projection") && (!["beta", "r", "q"].includes(name) || state.spectrum === "power-law");
  const address = (state) =>
    new URLSearchParams(Object.entries(state).filter(([name]) => used(state, name))).toString();

  const python = (state) => {
    const { d, p2, c2, noise1, noise2, beta, r, q, n, m, lam } = state;
    const common = `d=${d}, p2=${p2}, c2=${c2}, noise=(${noise1}, ${noise2})`;
    const made = state.spectrum === "isotropic" ? `isotropic(${common})` : `power_law(${common},\n                            beta=${beta}, r=${r}, q=${q})`;
    const call = state.model === "ridge" ? `ridge(setting, n=${n}, lam=${lam})` : `projection(setting, n=${n}, m=${m}, lam=${lam})`;
    return `from collapse import Setting, theory\n\nsetting = Setting.${made}\nrisk = theory.${call}\nprint(risk)`;
  };

  return Object.freeze({ CONTROLS, CHOICES, GROUPS, START, N_RANGE, M_RANGE, valid, parsed, used, address, python, rounded });
})();
