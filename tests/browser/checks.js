// What the browser tests ask of a page, from inside it. Every check returns a list of complaints; an empty one is good.
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const width = () => document.documentElement.clientWidth;
  const shown = (element) => element.checkVisibility({ visibilityProperty: true }) && element.getClientRects().length > 0;
  const scrolls = (element) => ["auto", "scroll"].includes(getComputedStyle(element).overflowX);
  const tag = (element) => element.outerHTML.replace(/\s+/g, " ").slice(0, 100);
  const ancestors = function* (element) {
    for (let one = element.parentElement; one && one !== document.body; one = one.parentElement) yield one;
  };

  window.largestPaint = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.largestPaint = entry.startTime;
  }).observe({ type: "largest-contentful-paint", buffered: true });

  const frames = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));

  /** Waits until formulas are set, widgets are drawn and nothing says that it is busy. */
  const settled = async () => {
    const views = () => all('script[type="application/vnd.jupyter.widget-view+json"]').length;
    const drawn = () => all(".jupyter-widgets-view > *, .widget-subarea > *").length;
    const busy = () => document.querySelector("[aria-busy=true]") || drawn() < views();
    await window.MathJax?.startup?.promise;
    await document.fonts.ready;
    for (let i = 0; i < 300 && busy(); i++) await new Promise((done) => setTimeout(done, 50));
    await frames();
    return busy() ? ["the page is not ready after 15 s"] : [];
  };

  /** Opens whatever is folded, and goes through all tabs; the first ones are shown at the end. */
  const open = () => {
    for (const details of all("details")) details.open = true;
    for (const button of all("button.toggle-button-hidden")) button.click();
    for (const label of all(".sd-tab-label").reverse()) label.click();
  };

  const sliders = () => all("[role=slider]:not([aria-disabled=true]), input[type=range]:enabled");

  /** Puts the focus just before a slider, so that Tab must lead to it. */
  const standBefore = (index) => {
    const start = document.createElement("button");
    const slider = sliders()[index];
    start.id = "start-of-tab";
    (slider.closest(".widget-slider") ?? slider).before(start);
    start.focus();
  };
  const hasFocus = (index) => {
    document.getElementById("start-of-tab").remove();
    return document.activeElement === sliders()[index];
  };

  /** The value of a slider as a reader hears it, and what it moves: pictures and their texts, or else the words around it. */
  const state = (index) => {
    const slider = sliders()[index];
    const figure = slider.closest(".moving-figure");
    const value = slider.getAttribute("aria-valuetext") ?? slider.getAttribute("aria-valuenow") ?? slider.value;
    const name = slider.getAttribute("aria-label") ?? slider.labels?.[0]?.textContent ?? "";
    const picture = all("img", figure ?? document).filter(shown).map((image) => image.src + image.alt);
    const text = figure ? "" : (slider.closest("main") ?? document.body).innerText;
    const alt = all("img", figure ?? document).filter(shown).map((image) => image.alt).join();
    const atEnd = Number(slider.getAttribute("aria-valuenow") ?? slider.value) >= Number(slider.getAttribute("aria-valuemax") ?? slider.max);
    return { value, name: name.trim(), moved: picture.join() + text, alt, moving: Boolean(figure), atEnd, shown: shown(slider) };
  };

  /** Where to touch so that the slider moves: its track, at the end that is farther from the handle. */
  const touchPoint = (index) => {
    const slider = sliders()[index];
    const track = slider.closest(".noUi-target") ?? slider;
    track.scrollIntoView({ block: "center" });
    const box = track.getBoundingClientRect();
    const handle = slider === track ? (slider.value - slider.min) / (slider.max - slider.min) : null;
    const at = handle ?? (slider.getBoundingClientRect().x + slider.getBoundingClientRect().width / 2 - box.x) / box.width;
    return { x: box.x + box.width * (at > 0.5 ? 0.05 : 0.95), y: box.y + box.height / 2 };
  };

  /** Nothing may stick out to the right, unless it lies in a box that scrolls and that fits itself. */
  const sideways = () => {
    const complaints = [];
    if (document.scrollingElement.scrollWidth > width()) complaints.push(`the page is ${document.scrollingElement.scrollWidth} wide`);
    const outside = (element) => element.getBoundingClientRect().right > width() + 1 && shown(element);
    const held = (element) => [...ancestors(element)].some((one) => scrolls(one) && !outside(one));
    const aside = (element) => element.closest(".bd-sidebar, .bd-sidebar-secondary, dialog, .visually-hidden, mjx-assistive-mml");
    for (const element of all("body *")) {
      if (outside(element) && !held(element) && !aside(element) && !outside(element.parentElement)) complaints.push(tag(element));
    }
    return complaints;
  };

  /** A box that scrolls must be in reach of the keyboard: it, or something in it, takes the focus. */
  const scrollingBoxes = () =>
    all("main *")
      .filter((box) => scrolls(box) && box.scrollWidth > box.clientWidth + 1 && shown(box))
      .filter((box) => ![box, ...all("*", box)].some((element) => element.tabIndex >= 0))
      .map(tag);

  /** On a desktop a formula on a line of its own fits the text. */
  const wideFormulas = () =>
    all("mjx-container[display=true]")
      .filter((formula) => formula.scrollWidth > formula.clientWidth + 1 && shown(formula))
      .map((formula) => formula.textContent.slice(0, 60));

  const copyButtons = () => all("div.highlight > pre").filter((pre) => !pre.parentElement.querySelector("button.copybtn")).map(tag);

  const luminance = ([r, g, b]) => {
    const linear = (value) => (value <= 10 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  };
  const background = (element) => {
    for (const one of [element, ...ancestors(element), document.body, document.documentElement]) {
      const colour = getComputedStyle(one).backgroundColor.match(/[\d.]+/g).map(Number);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };

  /** Lines and letters of a picture must stand out from what is behind them: 3 to 1, at half of its drawn pixels or more. */
  const legible = () => {
    const complaints = [];
    for (const image of all("main img").filter((image) => shown(image) && image.naturalWidth)) {
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
      const context = canvas.getContext("2d");
      context.drawImage(image, 0, 0);
      const pixels = context.getImageData(0, 0, canvas.width, canvas.height).data;
      const behind = luminance(background(image));
      let drawn = 0;
      let clear = 0;
      let contrast = 0;
      for (let i = 0; i < pixels.length; i += 4 * 7) {
        if (pixels[i + 3] < 128) { clear++; continue; }
        const here = luminance(pixels.subarray(i, i + 3));
        drawn++;
        if ((Math.max(here, behind) + 0.05) / (Math.min(here, behind) + 0.05) >= 3) contrast++;
      }
      if (clear > drawn && contrast < drawn / 2) complaints.push(`${image.alt.slice(0, 60)}: ${contrast} of ${drawn} pixels stand out`);
    }
    return complaints;
  };

  /**
   * Axe takes minutes over ten thousand pieces of formulas and code, and learns nothing new from them: of formulas the first
   * of each kind keeps its inside, of code the first piece of each colour stays. Axe does not read MathML, as screen readers
   * do: where a formula names something, its letters stand for it. Last of all, as it spoils the page.
   */
  const thin = () => {
    const seen = new Set();
    const again = (key) => seen.has(key) || !seen.add(key);
    for (const formula of all("mjx-container")) {
      const letters = formula.querySelector("math")?.textContent ?? "";
      if (formula.closest("th, a, button, summary, label, caption, h1, h2, h3, h4")) formula.replaceChildren(letters);
      else if (again(`formula ${formula.getAttribute("display")}`)) formula.replaceChildren();
    }
    for (const piece of all("div.highlight pre span")) {
      if (again(`${piece.closest("div.highlight").parentElement.className} ${piece.className}`)) piece.remove();
    }
  };

  const axeRun = async (rules) => {
    const only = rules ? { runOnly: rules } : {};
    const result = await axe.run(document, { preload: false, resultTypes: ["violations"], ...only });
    const message = (node) => [...node.any, ...node.all, ...node.none].map((check) => check.message).join("; ");
    return result.violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.target.join(" ")}: ${message(node)}`));
  };

  /** Light or dark, with all colours where they end. */
  const dress = async (theme) => {
    document.documentElement.dataset.theme = theme;
    document.documentElement.dataset.mode = theme;
    await frames();
    const ending = document.getAnimations().filter((one) => Number.isFinite(one.effect.getComputedTiming().endTime));
    await Promise.all(ending.map((one) => one.finished));
  };

  window.checks = { settled, open, sliders, standBefore, hasFocus, state, touchPoint, sideways, scrollingBoxes, wideFormulas, copyButtons, legible, thin, axeRun, dress };
})();
