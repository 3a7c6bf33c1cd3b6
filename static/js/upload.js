/* Sends files one by one, shows how far each is, and keeps those that passed. Without it, the form sends them all. */
(() => {
  "use strict";
  const MEGA = 1024 * 1024;
  const AT_ONCE = 2;
  const NBSP = "\u00a0";
  const LOST = "n’a pas été envoyé : la connexion est interrompue. Le fichier est toujours sur votre appareil.";
  const EXPIRED =
    "n’a pas été envoyé : votre session a expiré. Reconnectez-vous dans un autre onglet, puis revenez ici.";
  const BROKEN = "n’a pas été reçu : le portail n’a pas pu répondre. La panne vient de nous.";

  const spaced = (text) => text.replace(/ ([:;?!»])/g, `${NBSP}$1`).replace(/« /g, `«${NBSP}`);

  function weight(size) {
    const [unit, parts, name] = size >= MEGA ? [MEGA, 10, "Mo"] : [1024, 1, "ko"];
    return `${(Math.ceil((size * parts) / unit) / parts).toLocaleString("fr-FR")}${NBSP}${name}`;
  }

  function progressOf(sent, total) {
    const [unit, name] = total >= MEGA ? [MEGA, "Mo"] : [1024, "ko"];
    return `${Math.floor(sent / unit)}${NBSP}${name} sur ${Math.ceil(total / unit)}`;
  }

  function make(tag, className, text) {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text) element.textContent = text;
    return element;
  }

  function start(box) {
    const form = box.querySelector("form");
    const input = form.querySelector('input[type="file"]');
    const list = box.querySelector("[data-upload-list]");
    const status = box.querySelector("[data-upload-status]");
    const icon = document.querySelector(".nd-file .nd-icon, .nd-icon");
    const most = Number(box.dataset.mostBytes);
    const waiting = [];
    let running = 0;
    let kept = 0;
    let failed = 0;

    function say() {
      if (running || waiting.length) {
        status.textContent = "Envoi en cours.";
        return;
      }
      const words = [];
      if (kept) words.push(kept > 1 ? `${kept}${NBSP}fichiers sont bien reçus.` : "Un fichier est bien reçu.");
      if (failed) words.push(failed > 1 ? `${failed}${NBSP}fichiers ne sont pas reçus.` : "Un fichier n’est pas reçu.");
      status.textContent = words.join(" ");
      kept = failed = 0;
    }

    function rowFor(file) {
      const row = make("li", "nd-file nd-file--sending");
      if (icon) row.append(icon.cloneNode(true));
      const use = row.querySelector("use");
      if (use) use.setAttribute("href", use.getAttribute("href").replace(/#.*/, "#i-file"));
      const text = make("p");
      text.append(make("span", "nd-file__name", file.name));
      row.append(text, make("div", "nd-file__end"));
      list.append(row);
      return row;
    }

    function button(label, name, action) {
      const one = make("button", "btn btn-link btn-sm", label);
      one.type = "button";
      one.append(make("span", "visually-hidden", ` ${name}`));
      one.addEventListener("click", action);
      return one;
    }

    function fail(row, file, message, canRetry) {
      failed += 1;
      row.className = "nd-file nd-file--failed";
      row.querySelectorAll("small, progress").forEach((old) => old.remove());
      row.querySelector("p").append(make("small", "nd-file__why", spaced(message)));
      const end = row.querySelector(".nd-file__end");
      end.replaceChildren();
      if (canRetry) end.append(button("Réessayer", file.name, () => { end.replaceChildren(); queue(file, row); }));
      end.append(button("Effacer de la liste", file.name, () => { row.remove(); input.focus(); }));
    }

    function finish(row, file, request) {
      let answer = null;
      try { answer = JSON.parse(request.responseText); } catch { answer = null; }
      if (request.status === 201 && answer && answer.html) {
        const held = document.createElement("template");
        held.innerHTML = answer.html.trim();
        row.replaceWith(held.content);
        kept += 1;
      } else if (answer && answer.message) {
        fail(row, file, answer.message, request.status >= 500);
      } else if (request.status === 200 || request.status === 403) {
        fail(row, file, `${file.name} ${EXPIRED}`, true);
      } else {
        fail(row, file, `${file.name} ${request.status ? BROKEN : LOST}`, true);
      }
    }

    function send(file, row) {
      running += 1;
      row.className = "nd-file nd-file--sending";
      row.querySelectorAll("small").forEach((old) => old.remove());
      const said = make("small", "", progressOf(0, file.size));
      const bar = make("progress");
      bar.max = file.size || 1;
      bar.value = 0;
      bar.setAttribute("aria-label", `Envoi de ${file.name}`);
      row.querySelector("p").append(said, bar);
      const body = new FormData();
      for (const field of form.querySelectorAll('input[type="hidden"]')) body.append(field.name, field.value);
      body.append(input.name, file);
      const request = new XMLHttpRequest();
      request.open("POST", form.action);
      request.setRequestHeader("Accept", "application/json");
      request.upload.addEventListener("progress", (event) => {
        const sent = Math.min(event.loaded, file.size);
        bar.value = sent;
        said.textContent = sent < file.size ? progressOf(sent, file.size) : "Vérification du fichier";
      });
      request.addEventListener("loadend", () => {
        finish(row, file, request);
        running -= 1;
        next();
      });
      request.send(body);
    }

    function next() {
      while (running < AT_ONCE && waiting.length) send(...waiting.shift());
      say();
    }

    function queue(file, row) {
      waiting.push([file, row]);
      next();
    }

    function choose() {
      const files = [...input.files];
      input.value = "";
      for (const file of files) {
        const row = rowFor(file);
        if (file.size > most) {
          const limit = box.dataset.limit;
          const gesture = "Réduisez-le ou envoyez-le en plusieurs parties.";
          fail(row, file, `${file.name} pèse ${weight(file.size)} ; la limite est de ${limit}. ${gesture}`, false);
        } else {
          waiting.push([file, row]);
        }
      }
      next();
    }

    form.querySelector('button[type="submit"]').hidden = true;
    form.addEventListener("submit", (event) => { event.preventDefault(); choose(); });
    input.addEventListener("change", choose);
    // Leaving while a file is on its way would lose it: the browser asks.
    window.addEventListener("beforeunload", (event) => { if (running) event.preventDefault(); });
  }

  document.querySelectorAll("[data-upload]").forEach(start);
})();
