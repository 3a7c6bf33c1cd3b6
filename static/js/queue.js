/* Counts the ticked dossiers, ticks them all, shows the bar once one is ticked. Without this file all of it is there. */
(function () {
  "use strict";
  const form = document.querySelector("[data-queue]");
  if (!form) return;
  const boxes = Array.from(form.querySelectorAll("input[name=choix]"));
  const bar = form.querySelector(".nd-bulk");
  const count = form.querySelector("[data-count]");
  const head = form.querySelector("[data-all]");
  const all = document.createElement("input");
  all.type = "checkbox";
  all.className = "form-check-input";
  all.setAttribute("aria-label", head.querySelector(".visually-hidden").textContent);
  head.replaceChildren(all);

  function show() {
    const ticked = boxes.filter((box) => box.checked).length;
    count.textContent = ticked > 1 ? `${ticked} dossiers choisis` : `${ticked} dossier choisi`;
    bar.hidden = ticked === 0;
    all.checked = ticked === boxes.length;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
  }
  all.addEventListener("change", () => {
    boxes.forEach((box) => { box.checked = all.checked; });
    show();
  });
  form.querySelector("[data-tick]").addEventListener("click", (event) => {
    event.preventDefault();
    boxes.forEach((box) => { box.checked = true; });
    show();
  });
  form.addEventListener("change", show);
  form.addEventListener("reset", () => setTimeout(() => {
    boxes.forEach((box) => { box.checked = false; });
    show();
  }));
  window.addEventListener("pageshow", show);
  show();
})();
