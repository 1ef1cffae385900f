// The manager of ipywidgets still calls MathJax 2. Labels of sliders hold no formulas, so its calls need no answer.
document.addEventListener("DOMContentLoaded", () => {
  if (window.MathJax) window.MathJax.Hub = { Queue() {} };
});
