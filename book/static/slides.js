// Left and right arrows, or the keys of a presenter, move by one slide, and within a long one first to its end; Home, End.
const slides = [...document.querySelectorAll("section[tabindex]")];
const PADDING = 40; // pixels at the end of a slide that show nothing
const steps = { ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1, Home: -Infinity, End: Infinity };

addEventListener("keydown", (event) => {
  if (!(event.key in steps) || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  const step = steps[event.key];
  const shown = slides.findLastIndex((slide) => slide.getBoundingClientRect().top <= innerHeight / 3);
  const { top, bottom } = slides[shown].getBoundingClientRect();
  const hidden = step > 0 ? bottom - innerHeight : -top;
  if (Number.isFinite(step) && hidden > PADDING) {
    scrollBy(0, step * Math.min(hidden, 0.8 * innerHeight));
    return;
  }
  const next = Math.min(Math.max(shown + step, 0), slides.length - 1);
  slides[next].scrollIntoView();
  slides[next].focus({ preventScroll: true });
});
