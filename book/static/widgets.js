// Gives the handles of sliders what ipywidgets leaves out: a name, and the value as the reader sees it.
(() => {
  const set = (element, attribute, value) => {
    if (element.getAttribute(attribute) !== value) element.setAttribute(attribute, value);
  };
  const describe = (slider) => {
    const handle = slider.querySelector("[role=slider]");
    const label = slider.querySelector(".widget-label");
    const readout = slider.querySelector(".widget-readout");
    if (!(handle && label && readout)) return;
    set(handle, "aria-label", label.textContent);
    set(handle, "aria-valuetext", readout.textContent);
    set(readout, "contenteditable", "false");
  };
  const describeAll = () => document.querySelectorAll(".widget-slider").forEach(describe);
  new MutationObserver(describeAll).observe(document, {
    subtree: true,
    childList: true,
    attributeFilter: ["aria-valuetext"],
  });
})();
