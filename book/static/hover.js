// What a link in the text leads to, shown at the link: for a pointer that rests on it, and for the focus of the keyboard.
// The texts lie beside each page, in a script of their own (book/ext/hover.py); so this works from the disk too.
document.addEventListener("DOMContentLoaded", () => {
  const home = document.querySelector("main");
  if (!home) return;
  const tip = Object.assign(document.createElement("div"), { id: "hover", hidden: true });
  tip.setAttribute("role", "tooltip");
  home.append(tip);

  const files = {}; // address of a script: the promise of its texts
  const textsIn = (address) =>
    (files[address] ??= new Promise((done) => {
      const script = Object.assign(document.createElement("script"), { src: address });
      script.onload = () => done(window.hoverTexts);
      script.onerror = () => done({});
      document.head.append(script);
    }));

  let link; // the link whose text is shown, or will be
  let coming, leaving;
  const hide = () => {
    clearTimeout(coming);
    leaving = clearTimeout(leaving);
    link?.removeAttribute("aria-describedby");
    link = undefined;
    tip.hidden = true;
  };

  const place = () => {
    const [line] = link.getClientRects();
    const origin = tip.offsetParent.getBoundingClientRect();
    const right = document.documentElement.clientWidth - tip.offsetWidth - 8;
    const below = innerHeight - line.bottom > Math.min(tip.offsetHeight, line.top);
    tip.style.maxHeight = `${(below ? innerHeight - line.bottom : line.top) - 8}px`;
    tip.style.left = `${Math.max(8, Math.min(line.left, right)) - origin.left}px`;
    tip.style.top = `${(below ? line.bottom : line.top - tip.offsetHeight) - origin.top}px`;
  };

  const show = async (wanted) => {
    hide();
    link = wanted;
    const [page, id] = wanted.href.split("#");
    const text = (await textsIn(page.replace(/\.html$/, ".hover.js")))[decodeURIComponent(id)];
    if (link !== wanted || !text) return;
    window.MathJax?.typesetClear?.([tip]);
    tip.innerHTML = text;
    Object.assign(tip.style, { left: 0, top: 0, maxHeight: "", visibility: "hidden" }); // formulas are measured before they are seen
    tip.hidden = false;
    await window.MathJax?.typesetPromise?.([tip]);
    if (link !== wanted) return;
    for (const element of tip.querySelectorAll("[tabindex]")) element.removeAttribute("tabindex"); // formulas: the focus stays outside
    wanted.removeAttribute("title"); // of citations; it says the same
    wanted.setAttribute("aria-describedby", tip.id);
    place();
    tip.style.visibility = "";
  };

  const linkAt = (element) => element.closest?.("article.bd-article a.internal[href*='#']");
  document.addEventListener("pointerover", ({ target, pointerType }) => {
    const here = linkAt(target);
    const stays = tip.contains(target) || here === link;
    clearTimeout(coming);
    if (here || stays) leaving = clearTimeout(leaving);
    if (pointerType === "touch" || stays) return;
    if (here) coming = setTimeout(show, 200, here);
    else if (link !== document.activeElement) leaving ??= setTimeout(hide, 300); // time to move onto the text
  });
  document.addEventListener("focusin", ({ target }) => {
    const here = linkAt(target);
    if (here?.matches(":focus-visible")) show(here);
  });
  document.addEventListener("focusout", hide);
  document.addEventListener("click", ({ target }) => linkAt(target) && hide());
  document.addEventListener("keydown", ({ key }) => key === "Escape" && hide());
  addEventListener("resize", hide);
});
