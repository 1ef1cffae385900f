// Left and right arrows, or the keys of a presenter, move by one slide; Home and End to the first and the last.
const slides = [...document.querySelectorAll("section[tabindex]")];
const steps = { ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1, Home: -Infinity, End: Infinity };

addEventListener("keydown", (event) => {
  if (!(event.key in steps) || event.altKey || event.ctrlKey || event.metaKey) return;
  const shown = slides.findLastIndex((slide) => slide.getBoundingClientRect().top <= innerHeight / 3);
  const next = Math.min(Math.max(shown + steps[event.key], 0), slides.length - 1);
  event.preventDefault();
  slides[next].scrollIntoView();
  slides[next].focus({ preventScroll: true });
});
