// Theorems 1 and 2 in the page: the fixed point, the degrees of freedom and the test error of collapse.theory, one setting
// at a time. Serves the chapter "Laboratory". A plain script, so that it also runs from a file; tests compare it with Python.
const theory = (() => {
  const TINY = 2.2250738585072014e-308;
  const MAX_STEPS = 200;
  const NOTHING = { df1: 0, df2: 0, slack: 0, bias: 0, biasScatter: 0, drift: 0, missedShift: 0, shiftScatter: 0 };

  const sum = (values) => values.reduce((total, value) => total + value, 0);

  // A setting holds, for each eigenvalue s: how often it occurs, and the signal and the shift in its directions.
  const setting = (d, s, count, signal, shift, p2, noise) => ({
    d,
    s,
    count,
    signal,
    shift,
    p2,
    noise,
    rank: sum(count),
    trace: sum(s.map((value, j) => value * count[j])),
    largest: Math.max(...s),
    smallest: Math.min(...s),
    c2: sum(shift),
    r2: sum(signal),
  });

  const isotropic = (d, p2, c2, noise, r2 = 1) => setting(d, [1], [d], [r2], [c2], p2, noise);

  const powerLaw = (d, p2, c2, noise, beta, r, q = 0, r2 = 1) => {
    const powers = (decay) => Float64Array.from({ length: d }, (_, j) => (j + 1) ** -decay);
    const scaled = (values, total) => {
      const scale = total / sum(values);
      return values.map((value) => value * scale);
    };
    const ones = new Float64Array(d).fill(1);
    return setting(d, powers(beta), ones, scaled(powers(r), r2), scaled(powers(q), c2), p2, noise);
  };

  const df = ({ s, count }, kappa, order = 1) => sum(s.map((value, j) => count[j] * (value / (value + kappa)) ** order));

  // Rows and model size have equal roles; without projections the size is infinite.
  const sizes = (d, n, lam, m) => {
    const size = m ?? Infinity;
    return { n, m: size, ridge: m === undefined ? lam : (lam * d) / m, few: Math.min(n, size), many: Math.max(n, size) };
  };

  // What few - df1 is at the root: the nonnegative rho of rho^2/many + rho (1 - few/many) = few ridge/kappa.
  const rowsToSpare = ({ few, many, ridge }, kappa) => {
    const slope = many < Infinity ? (many - few) / many : 1;
    const product = (few * ridge) / kappa;
    return (2 * product) / Math.max(slope + Math.sqrt(slope ** 2 + (4 * product) / many), TINY);
  };

  // d rho/d log kappa
  const rhoSlope = ({ few, many }, rho) =>
    many < Infinity ? rho * (rho / Math.max(many - few + 2 * rho, TINY)) - rho : -rho;

  // kappa (few - df1 - rho) is convex and grows wherever it is positive: Newton's method walks down to its root from the
  // right, from `above`, the kappa of fewer rows or projections, if that is known. Rounding may carry it past the root, not
  // past the bounds, which bisection then narrows.
  const solve = (problem, at, above = Infinity) => {
    const { s, count, rank } = problem;
    if (at.ridge === 0 && at.few >= rank) return 0;
    let low = Math.max(at.ridge, problem.smallest * (rank / at.few - 1), 0);
    let high = Math.min(at.ridge + problem.trace * (1 / at.few + 1 / at.many), above);
    let kappa = high;
    for (let step = 0; step < MAX_STEPS; step += 1) {
      let learned = 0;
      let missed = 0;
      let slack = 0;
      for (let j = 0; j < s.length; j += 1) {
        const inverse = 1 / (kappa + s[j]);
        const share = count[j] * s[j] * inverse;
        learned += share;
        missed += count[j] * inverse;
        slack += share * inverse;
      }
      missed *= kappa;
      slack *= kappa;
      const rho = rowsToSpare(at, kappa);
      const fromFew = learned < missed;
      const gap = (fromFew ? at.few - learned : at.few - rank + missed) - rho;
      const rounding = 1e-15 * (fromFew ? at.few : Math.abs(at.few - rank) + missed);
      const change = gap / (gap + slack - rhoSlope(at, rho));
      if (Math.abs(change) < 1e-9 || Math.abs(gap) < rounding) return kappa * (1 - change);
      if (gap > 0) high = kappa;
      else low = kappa;
      const next = kappa * (1 - change);
      kappa = next > low && next < high ? next : Math.sqrt(Math.max(low, TINY)) * Math.sqrt(high);
    }
    throw new Error("kappa did not settle");
  };

  const fixedPoint = (problem, n, lam, m) => solve(problem, sizes(problem.d, n, lam, m));

  // The student: kappa, what it makes of the spectrum, and the rows and projections to spare. `above`: as in solve.
  const student = (problem, n, lam, m, above) => {
    const at = sizes(problem.d, n, lam, m);
    const kappa = solve(problem, at, above);
    const rho = kappa === 0 ? at.few - problem.rank : rowsToSpare(at, kappa);
    const spareM = at.m === Infinity ? Infinity : at.m - at.few + rho;
    const of = { n, kappa, spareN: n - at.few + rho, spareM, ...NOTHING };
    const { s, count, signal, shift } = problem;
    for (let j = 0; j < s.length; j += 1) {
      const inverse = 1 / (s[j] + kappa);
      const learned = s[j] * inverse;
      const missed = kappa * inverse;
      const both = learned * missed;
      of.df1 += count[j] * learned;
      of.df2 += count[j] * learned * learned;
      of.slack += count[j] * both;
      of.bias += signal[j] * missed * missed;
      of.biasScatter += signal[j] * both;
      of.drift += shift[j] * learned * learned;
      of.missedShift += shift[j] * missed * missed;
      of.shiftScatter += shift[j] * both;
    }
    return of;
  };

  const times = (amount, factor) => (amount > 0 ? amount * factor : 0);

  // The three parts of the test error at a share p2 of synthetic rows; kappa does not depend on it.
  const risk = (problem, of, p2 = problem.p2) => {
    const { slack, spareN, spareM } = of;
    const q = spareM > 0 ? 1 / (1 + slack / spareM) : 0;
    const scatter = slack / Math.max(spareM + slack, TINY);
    const inflation = of.n / (spareN + q * slack);
    const gain = times((of.df2 + scatter * slack) / of.n, inflation);
    const sigma2 = (1 - p2) * problem.noise[0] + p2 * problem.noise[1];
    const contradiction = (1 - p2) * p2 * problem.c2;
    const missedDrift = p2 ** 2 * (of.missedShift + scatter * of.shiftScatter);
    const drift = p2 ** 2 * (of.drift + scatter * of.shiftScatter);
    const bias = times(of.bias + scatter * of.biasScatter, inflation);
    const variance = times(sigma2, gain);
    const shift = drift + times(contradiction + missedDrift, gain);
    return { bias, variance, shift, total: bias + variance + shift };
  };

  const ridge = (problem, n, lam) => risk(problem, student(problem, n, lam));
  const projection = (problem, n, m, lam) => risk(problem, student(problem, n, lam, m));
  const plateau = (problem) => problem.p2 ** 2 * problem.c2;

  return Object.freeze({ isotropic, powerLaw, df, fixedPoint, student, risk, ridge, projection, plateau });
})();
