// What the theme leaves to be desired in a page, for those who hear it and for those who read it on a phone.

// Before the scripts of the theme run: names that say what one sees, a landmark around the whole side bar, no wrong roles.
document.addEventListener(
  "readystatechange",
  () => {
    for (const element of document.querySelectorAll("summary[aria-label], .search-button-field")) element.removeAttribute("aria-label");
    for (const icon of document.querySelectorAll(".theme-switch")) icon.removeAttribute("title");
    const bar = document.getElementById("pst-primary-sidebar");
    bar?.setAttribute("role", "navigation");
    bar?.setAttribute("aria-label", "Book");
    for (const entry of document.querySelectorAll(".dropdown-download-buttons a")) entry.download = ""; // not shown, as some hosts would
    for (const entry of document.querySelectorAll(".citation-list, .citation")) entry.removeAttribute("role");
    for (const header of document.querySelectorAll("th")) {
      if (!header.textContent.trim()) header.replaceWith(document.createElement("td")); // nothing to hear above a column
    }
  },
  { once: true },
);

// The search shows pieces of the pages it finds; a page opened from the disk may not read others.
if (location.protocol === "file:" && typeof DOCUMENTATION_OPTIONS === "object") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;

// It shows text, not code and not the marks of formulas; and a word of one letter is not looked for in other words.
document.addEventListener("DOMContentLoaded", () => {
  if (typeof Search !== "object") return;
  const { htmlToText, _parseQuery } = Search;
  Search.htmlToText = (page, anchor) =>
    htmlToText(page.replace(/<div class="highlight[^]*?<\/pre>/g, ""), anchor).replace(/\\[()[\]]/g, "");
  Search._parseQuery = (query) => _parseQuery(query.replace(/(?<!\S)\S(?!\S)/g, ""));
});

// In the narrow contents an entry that is chosen closes them.
document.addEventListener("click", ({ target }) => {
  if (target.closest?.("dialog[id^=pst-] a")) target.closest("dialog").close();
});

// A formula in a sentence that is wider than the sentence scrolls in its own box (scrolling.css, class "wide").
const fitFormulas = () => {
  const formulas = [...document.querySelectorAll("mjx-container:not([display])")];
  for (const formula of formulas) formula.classList.remove("wide");
  const wide = formulas.filter((formula) => formula.offsetWidth > formula.closest("p, li, dd, td, th, div, h1, h2, h3, section").clientWidth);
  for (const formula of wide) formula.classList.add("wide");
};

// A box that scrolls fades at its right edge while something is left to see there.
const BOXES = "mjx-container[display=true], mjx-container.wide, pre, .pst-scrollable-table-container";
const fade = (box) => box.classList.toggle("more-to-see", box.scrollLeft + box.clientWidth < box.scrollWidth - 1);
document.addEventListener("scroll", ({ target }) => target.matches?.(BOXES) && fade(target), { capture: true, passive: true });

const fit = () => {
  fitFormulas();
  document.querySelectorAll(BOXES).forEach(fade);
};

document.addEventListener("DOMContentLoaded", async () => {
  if (window.MathJax) {
    window.MathJax.Hub = { Queue() {} }; // asked for by the manager of ipywidgets; labels of sliders hold no formulas
    await window.MathJax.startup.promise;
  }
  new ResizeObserver(fit).observe(document.querySelector("main") ?? document.body); // also when something unfolds
});
