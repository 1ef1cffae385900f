// On paper every option of a quiz stands open, with its explanation.
addEventListener("beforeprint", () => {
  for (const option of document.querySelectorAll(".quiz details")) option.open = true;
});
