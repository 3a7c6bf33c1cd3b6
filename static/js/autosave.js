/* Saves a section one second after the last key, and keeps a local copy until the server has it.
   Without this script the « Enregistrer » button does the same. */
(() => {
  "use strict";
  const PAUSE = 1000;
  const AGAIN = 5000;
  const NBSP = "\u00a0";
  const form = document.querySelector("form[data-autosave]");
  if (!form) return;
  const state = document.querySelector("[data-save-state]");
  const notice = form.querySelector("[data-save-notice]");
  const version = form.elements.version;
  const icons = document.querySelector(".nd-icon use").getAttribute("href").replace(/#.*/, "");
  const copyKey = `normandata:${form.dataset.autosave}`;
  const isOther = new URLSearchParams(location.search).has("autre");
  const isLocked = document.querySelector("[data-locked]") !== null;
  let lastSaved = state.textContent.trim();
  let timer = 0;
  let edits = 0;
  let isSending = false;
  let isSent = false;
  let isStuck = false;
  let isFailing = false;
  let isRenewed = false;
  let told = "";

  const spaced = (text) => text.replace(/ ([:;?!»])/g, `${NBSP}$1`).replace(/« /g, `«${NBSP}`);

  function icon(name) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("class", "nd-icon");
    svg.setAttribute("aria-hidden", "true");
    svg.setAttribute("focusable", "false");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    use.setAttribute("href", `${icons}#i-${name}`);
    svg.append(use);
    return svg;
  }

  function show(name, text, modifier) {
    const words = document.createElement("span");
    words.textContent = spaced(text);
    state.className = modifier ? `nd-save nd-save--${modifier}` : "nd-save";
    state.replaceChildren(icon(name), words);
  }

  /* A notice stays until what it says is over. `gestures` are [label, action or address]. */
  function tell(title, text, gestures) {
    if (told === title + text) return; // said already: saying it again would take the focus and speak over everything
    told = title + text;
    const box = document.createElement("div");
    box.className = "nd-notice nd-notice--error mt-3";
    box.setAttribute("role", "alert");
    const words = document.createElement("div");
    const line = document.createElement("p");
    const strong = document.createElement("strong");
    strong.textContent = spaced(title);
    line.append(strong, document.createTextNode(` ${spaced(text)}`));
    words.append(line);
    const bar = document.createElement("p");
    bar.className = "mb-0 d-flex flex-wrap gap-2";
    for (const [label, action] of gestures) {
      const isLink = typeof action === "string";
      const one = document.createElement(isLink ? "a" : "button");
      one.className = "btn btn-secondary btn-sm";
      one.textContent = label;
      if (isLink) {
        one.href = action;
        one.target = "_blank";
        one.rel = "opener";
      } else {
        one.type = "button";
        one.addEventListener("click", action);
      }
      bar.append(one);
    }
    if (gestures.length) words.append(bar);
    box.append(icon("alert"), words);
    notice.replaceChildren(box);
  }

  function hush() {
    told = "";
    notice.replaceChildren();
  }

  function fields() {
    const data = {};
    for (const [name, value] of new FormData(form)) {
      if (name === "csrfmiddlewaretoken" || name === "version") continue;
      (data[name] ||= []).push(value);
    }
    return data;
  }

  function keepCopy(isSubmitted = false) {
    try {
      const copy = { version: version.value, at: Date.now(), fields: fields(), isSubmitted };
      localStorage.setItem(copyKey, JSON.stringify(copy));
    } catch { /* a full or forbidden store: the server still has its turn */ }
  }

  function dropCopy() {
    try { localStorage.removeItem(copyKey); } catch { /* nothing to drop */ }
  }

  function restoreCopy() {
    let copy = null;
    try { copy = JSON.parse(localStorage.getItem(copyKey)); } catch { return; }
    if (!copy) return;
    // A form sent the plain way gets a page in return, not an answer: a newer version says that it arrived.
    const hasArrived = copy.isSubmitted && Number(copy.version) < Number(version.value);
    if (hasArrived || isOther || JSON.stringify(copy.fields) === JSON.stringify(fields())) {
      dropCopy();
      return;
    }
    for (const control of form.elements) {
      if (!control.name || control.name === "version" || control.name === "csrfmiddlewaretoken") continue;
      const values = copy.fields[control.name];
      if (control.type === "radio" || control.type === "checkbox") {
        control.checked = Boolean(values && values.includes(control.value));
      } else if (values && control.type !== "submit") {
        control.value = values[0];
      }
    }
    version.value = copy.version;
    const at = new Date(copy.at).toLocaleTimeString("fr-FR", { hour: "2-digit", minute: "2-digit" }).replace(":", " h ");
    tell("Texte retrouvé sur cet appareil.", `Il n’avait pas été enregistré, le dernier mot est de ${at}. Il est remis en place.`, []);
    edits += 1;
    save();
  }

  async function freshToken() {
    let answer = null;
    try {
      answer = await fetch(form.dataset.token, { headers: { "X-Requested-With": "autosave" }, cache: "no-store" });
    } catch { return {}; }
    if (answer.status === 401) return { signIn: (await answer.json()).sign_in };
    const token = (await answer.json()).csrf_token;
    form.elements.csrfmiddlewaretoken.value = token;
    return { token };
  }

  function failed(extra) {
    isFailing = true;
    const since = lastSaved.replace(/^Enregistré à/, "depuis");
    show("alert", lastSaved.startsWith("Enregistré") ? `Non enregistré ${since}` : "Non enregistré", "failed");
    tell(
      lastSaved.startsWith("Enregistré") ? `Non enregistré ${since}.` : "Non enregistré.",
      extra || "Votre texte est gardé sur cet appareil.",
      [["Réessayer", () => save()]],
    );
    clearTimeout(timer);
    timer = setTimeout(save, AGAIN);
  }

  function signIn(address) {
    isStuck = true;
    show("alert", "Non enregistré : session terminée", "failed");
    tell("Votre session a pris fin.", "Reconnectez-vous ici : votre texte n’a pas bougé.", [
      ["Se reconnecter", address],
      ["Réessayer", () => { isStuck = false; save(); }],
    ]);
  }

  function conflict(words) {
    isStuck = true;
    show("alert", "Non enregistré : deux versions", "failed");
    tell(words, "Choisissez celle à garder.", [["Voir les deux versions", () => { isSent = true; form.requestSubmit(); }]]);
  }

  async function answered(answer, sent) {
    const kind = answer.headers.get("Content-Type") || "";
    const body = kind.includes("json") ? await answer.json() : {};
    if (answer.ok) {
      version.value = body.version;
      lastSaved = body.saved;
      isStuck = isFailing = isRenewed = false;
      hush();
      if (sent === edits) {
        dropCopy();
        show("met", body.saved);
      } else {
        save();
      }
      const left = document.querySelector("[data-left]");
      if (left) left.textContent = body.left;
      const tag = document.querySelector("[data-tag] > span");
      if (tag) tag.textContent = body.tag;
      document.body.dispatchEvent(new CustomEvent("saved")); // what is computed upon the answers is asked for again
    } else if (answer.status === 401) {
      signIn(body.sign_in);
    } else if (answer.status === 403) {
      const fresh = await freshToken();
      if (fresh.signIn) {
        signIn(fresh.signIn);
      } else if (fresh.token && !isRenewed) {
        isRenewed = true;
        save();
      } else {
        failed();
      }
    } else if (answer.status === 409) {
      conflict(body.conflict);
    } else if (answer.status === 410 || answer.status === 404) {
      isStuck = true;
      show("alert", "Non enregistré", "failed");
      tell("Non enregistré.", body.message || "Ce dossier n’est plus modifiable. Copiez votre texte si besoin.", []);
    } else {
      failed();
    }
  }

  async function save() {
    clearTimeout(timer);
    if (isSending || isStuck || isSent) return;
    isSending = true;
    const sent = edits;
    if (!isFailing) show("clock", "Enregistrement…", "busy");
    const data = new FormData(form);
    let answer = null;
    try {
      answer = await fetch(form.getAttribute("action") || location.pathname, {
        method: "POST",
        body: data,
        headers: { "X-Requested-With": "autosave", Accept: "application/json" },
        // Only what leaves with the page needs it, and browsers take 64 kB of it at most.
        keepalive: document.visibilityState === "hidden",
        redirect: "error",
      });
    } catch { /* offline, or the server is away */ }
    isSending = false;
    if (answer) await answered(answer, sent);
    else failed();
  }

  function changed() {
    edits += 1;
    keepCopy();
    count();
    if (isStuck) return;
    clearTimeout(timer);
    timer = setTimeout(save, PAUSE);
  }

  function count() {
    for (const area of form.querySelectorAll("textarea[data-count]")) {
      let words = document.getElementById(`${area.id}_compte`);
      if (!words) {
        words = document.createElement("p");
        words.className = "nd-count";
        words.id = `${area.id}_compte`;
        area.after(words);
      }
      const most = Number(area.dataset.count).toLocaleString("fr-FR").replace(/\u202f/g, NBSP);
      words.textContent = `${area.value.length.toLocaleString("fr-FR").replace(/\u202f/g, NBSP)} signes sur ${most}`;
    }
  }

  count();
  if (isLocked) return;
  form.addEventListener("input", changed);
  form.addEventListener("submit", () => {
    isSent = true;
    clearTimeout(timer);
    if (edits && !isStuck) keepCopy(true);
  });
  addEventListener("online", () => { if (isFailing) save(); });
  addEventListener("pageshow", (event) => { if (event.persisted) { isSent = false; } });
  /* Back from the tab where one signed in again. */
  function resume() {
    if (isStuck && notice.querySelector("a[target]")) {
      isStuck = false;
      save();
    }
  }
  addEventListener("focus", resume);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") {
      resume();
    } else if (document.visibilityState === "hidden" && timer && !isSent && edits) {
      save();
    }
  });
  addEventListener("beforeunload", (event) => {
    if (!isSent && state.classList.contains("nd-save--failed")) event.preventDefault();
  });
  for (const button of document.querySelectorAll("[data-plain-save]")) button.hidden = true;
  restoreCopy();
  if (isOther) history.replaceState(null, "", location.pathname);
})();
