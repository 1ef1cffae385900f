// The figures of the chapter "Laboratory": curves of the test error, and the phase diagram. Each is two texts of SVG, what
// stands still and, to be laid over it, what moves.
const labFigures = (() => {
  const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

  const power = (exponent) => {
    if (Math.abs(exponent) < 3) return String(Number(`1e${exponent}`));
    const digits = [...String(Math.abs(exponent))].map((digit) => SUPERSCRIPTS[digit]).join("");
    return `10${exponent < 0 ? "⁻" : ""}${digits}`;
  };

  // A logarithmic axis from 10^low to 10^high, drawn from pixel `start` to pixel `end`.
  const axis = (low, high, start, end) => {
    const scale = (end - start) / (high - low);
    const at = (value) => start + (Math.min(Math.max(Math.log10(value), low - 1), high + 1) - low) * scale;
    const every = Math.ceil(34 / Math.abs(scale));
    const ticks = [];
    for (let exponent = low; exponent <= high; exponent += 1) {
      ticks.push({ at: at(10 ** exponent), label: (exponent - low) % every ? "" : power(exponent) });
    }
    return { at, ticks, valueAt: (pixel) => 10 ** (low + (pixel - start) / scale) };
  };

  const line = (x1, y1, x2, y2, kind) => `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" class="${kind}"/>`;
  const text = (x, y, kind, content) => `<text x="${x}" y="${y}" class="${kind}">${content}</text>`;
  const dot = (x, y, radius, kind) => `<circle cx="${x}" cy="${y}" r="${radius}" class="${kind}"/>`;

  const svg = ({ width, height }, content) =>
    `<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" aria-hidden="true">${content}</svg>`;

  // Content that ends at the edges of the plane.
  const cut = ({ left, top, right, bottom }, content) => {
    const [width, height] = [right - left, bottom - top];
    const frame = `x="${left}" y="${top}" width="${width}" height="${height}" viewBox="${left} ${top} ${width} ${height}"`;
    return `<svg ${frame}>${content.join("")}</svg>`;
  };

  // Two axes: grid, ticks and the name of the horizontal one.
  const plane = (box, x, y, name) => {
    const { left, top, right, bottom, height } = box;
    return [
      ...x.ticks.map((tick) => line(tick.at, top, tick.at, bottom, "lab-grid") + text(tick.at, bottom + 16, "lab-tick", tick.label)),
      ...y.ticks.map((tick) => line(left, tick.at, right, tick.at, "lab-grid") + text(left - 6, tick.at + 4, "lab-tick lab-end", tick.label)),
      text((left + right) / 2, height - 5, "lab-name", name),
    ].join("");
  };

  const boxOf = (width, height) => ({ width, height, left: 46, top: 26, right: width - 10, bottom: height - 40 });

  const xAxis = (width, range) => axis(range[0], range[1], 46, width - 10);

  // view: {range: [low, high] and yRange in powers of ten, name, curves: [{kind, points}], lines: [{kind, height}],
  //        peak: {x, label}, here: {x, dots: [{kind, height}]}}
  const curves = (view, width, height) => {
    const box = boxOf(width, height);
    const x = xAxis(width, view.range);
    const y = axis(view.yRange[0], view.yRange[1], box.bottom, box.top);
    const path = ({ kind, points }) => {
      const steps = points.filter(([, value]) => value > 0).map(([at, value]) => `${x.at(at).toFixed(1)} ${y.at(value).toFixed(1)}`);
      return steps.length ? `<path d="M${steps.join("L")}" class="lab-curve lab-${kind}"/>` : "";
    };
    const peak = x.at(view.peak.x);
    const { here } = view;
    const dots = here.dots.filter(({ height: value }) => value > 0);
    const moving = [
      line(peak, box.top, peak, box.bottom, "lab-mark"),
      ...view.lines.filter((entry) => entry.height > 0).map((entry) => line(box.left, y.at(entry.height), box.right, y.at(entry.height), `lab-curve lab-${entry.kind}`)),
      ...view.curves.map(path),
      here.x ? line(x.at(here.x), box.top, x.at(here.x), box.bottom, "lab-here") : "",
      ...dots.map(({ kind, height: value }) => dot(x.at(here.x), y.at(value), kind === "total" ? 5.5 : 3.5, `lab-dot lab-${kind}`)),
    ];
    const label = text(peak, box.top - 8, "lab-tick", view.peak.label);
    return { still: svg(box, plane(box, x, y, view.name)), moving: svg(box, cut(box, moving) + label) };
  };

  // phi = d/n and psi = m/n (infinite without projections): which of n, m and d is the smallest, and the thresholds between.
  const phase = (phi, psi, width, height) => {
    const range = [-3, 2];
    const box = boxOf(width, height);
    const x = axis(range[0], range[1], box.left, box.right);
    const y = axis(range[0], range[1], box.bottom, box.top);
    const clamp = (value) => Math.min(Math.max(value, 10 ** range[0]), 10 ** range[1]);
    const [one, other] = [x.at(1), y.at(1)];
    const [px, py] = [x.at(clamp(phi)), y.at(clamp(psi))];
    const regions = [
      `<path d="M${one} ${other}V${box.top}H${box.right}V${other}Z" class="lab-region-n"/>`,
      `<path d="M${one} ${other}H${box.right}V${box.bottom}H${box.left}Z" class="lab-region-m"/>`,
      `<path d="M${one} ${other}V${box.top}H${box.left}V${box.bottom}Z" class="lab-region-d"/>`,
      line(one, other, one, box.top, "lab-threshold") + line(one, other, box.right, other, "lab-threshold"),
      line(box.left, box.bottom, one, other, "lab-mark"),
      text((one + box.right) / 2, box.top + 30, "lab-tick", "n smallest"),
      text((box.left + one) / 2, box.top + 30, "lab-tick", "d smallest"),
      text((one + box.right) / 2 - 12, box.bottom - 12, "lab-tick", "m smallest"),
    ];
    const moving = [
      psi < Infinity ? line(px - 1000, py + 1000, px + 1000, py - 1000, "lab-here") + line(px, box.top, px, box.bottom, "lab-here") : "",
      dot(px, Math.max(py, box.top + 7), 6, "lab-dot lab-total"),
    ];
    const name = psi < Infinity ? "ψ = m/n" : "ψ = m/n, no projections: m = ∞";
    const label = text(box.left, box.top - 8, "lab-name lab-start", name);
    return { still: svg(box, plane(box, x, y, "φ = d/n") + cut(box, regions) + label), moving: svg(box, cut(box, moving)) };
  };

  return Object.freeze({ curves, phase, xAxis });
})();
