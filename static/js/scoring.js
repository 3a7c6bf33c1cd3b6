/* A level writes its mark in the field beside it, and a typed mark lights its level; a gesture waits for the save
   that is on its way. Without this script both are sent, and the server keeps the one that changed. */
(() => {
  "use strict";
  const form = document.getElementById("fiche");
  if (!form) return;
  const state = document.querySelector("[data-save-state]");
  const plain = (text) => text.trim().replace(".", ",");

  form.addEventListener("input", (event) => {
    const [kind, slug] = event.target.name.split(/-(.*)/);
    if (kind === "palier") {
      const mark = form.elements[`note-${slug}`]; // a jury's ballot has levels only
      if (mark) mark.value = event.target.value;
    } else if (kind === "note") {
      for (const level of form.querySelectorAll(`[name="palier-${slug}"]`)) {
        level.checked = level.value === plain(event.target.value);
      }
    }
  }, true);

  document.addEventListener("submit", (event) => {
    if (event.target !== form || !state.classList.contains("nd-save--busy")) return;
    event.preventDefault();
    event.stopPropagation();
    const button = event.submitter;
    const watch = new MutationObserver(() => {
      if (state.classList.contains("nd-save--busy")) return;
      watch.disconnect();
      form.requestSubmit(button);
    });
    watch.observe(state, { attributes: true });
  }, true);

  document.body.addEventListener("htmx:afterSettle", () => {
    for (const box of form.querySelectorAll("[id^='erreur-']")) {
      const field = document.getElementById(box.id.replace("erreur-", "note-"));
      if (!field) continue;
      const isWrong = box.textContent.trim() !== "";
      field.classList.toggle("is-invalid", isWrong);
      if (isWrong) field.setAttribute("aria-invalid", "true");
      else field.removeAttribute("aria-invalid");
    }
  });
})();
