// What makes the pages quicker for those who have JavaScript. Nothing depends on it: buttons that only it can serve
// are made here, and the words come from the page (data-… attributes).
"use strict";
(() => {
  const each = (selector, deed) => document.querySelectorAll(selector).forEach(deed);
  const made = (tag, attributes, text) => {
    const element = document.createElement(tag);
    Object.entries(attributes).forEach(([name, value]) => element.setAttribute(name, value));
    if (text !== undefined) element.textContent = text;
    return element;
  };

  // A personal page that a browser keeps in its memory is kept blank, and asked for again when it comes back: after a
  // logout it must not show, not even for a moment.
  const personal = "personal" in document.documentElement.dataset;
  window.addEventListener("pagehide", () => {
    if (personal) document.documentElement.hidden = true;
  });
  window.addEventListener("pageshow", (event) => {
    each("form", (form) => delete form.dataset.sent);
    if (event.persisted && personal) window.location.reload();
  });

  // Going back to the answer to a form would make the browser ask whether to send it again: its address is opened.
  const { posted } = document.documentElement.dataset;
  if (posted) window.addEventListener("pagehide", () => window.history.replaceState(null, "", posted));

  // The summary of errors takes the focus (browsers that know autofocus everywhere have done it), and its links set
  // the cursor into the field.
  const summary = document.getElementById("errors");
  if (summary) {
    setTimeout(() => {
      if (document.activeElement === document.body) summary.focus();
    }, 150);
    summary.querySelectorAll("a[href^='#']").forEach((link) => link.addEventListener("click", (event) => {
      const field = document.getElementById(link.hash.slice(1));
      if (!field) return;
      event.preventDefault();
      (field.closest(".field") || field).scrollIntoView();
      field.focus({ preventScroll: true });
    }));
  }

  // A double click sends once; who presses again after two seconds means it.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    // Since the page was opened, not by the device's clock: that may be set back between two clicks.
    const now = performance.now();
    if (form.dataset.sent && now - Number(form.dataset.sent) < 2000) event.preventDefault();
    else form.dataset.sent = String(now);
  });

  each("[data-password]", (frame) => {
    const input = frame.querySelector("input");
    const words = frame.dataset;
    const label = document.querySelector(`label[for="${input.id}"]`);
    const button = made("button", { type: "button", class: "button button-second", "aria-controls": input.id });
    const deed = made("span", {});
    button.append(deed, made("span", { class: "visually-hidden" }, label ? ` ${label.firstChild.textContent.trim()}` : ""));
    const spoken = made("span", { class: "visually-hidden", "aria-live": "polite" });
    const hint = made("p", { class: "help", "aria-live": "polite" });
    const show = (shown) => {
      input.type = shown ? "text" : "password";
      deed.textContent = shown ? words.hide : words.show;
    };
    show(false);
    button.addEventListener("click", () => {
      show(input.type === "password");
      spoken.textContent = input.type === "text" ? words.shown : words.hidden;
    });
    input.addEventListener("keyup", (event) => {
      const caps = event.getModifierState && event.getModifierState("CapsLock");
      hint.textContent = caps ? words.capslock : "";
    });
    input.addEventListener("input", () => {
      hint.textContent = /[\u3000-\u30ff\u4e00-\u9fff\uff01-\uff5e]/.test(input.value) ? words.fullwidth : "";
    });
    // A password that is shown is sent as a password, so that browsers neither keep nor offer it as text.
    if (input.form) input.form.addEventListener("submit", () => show(false));
    frame.append(button, spoken);
    frame.after(hint);
  });

  const rules = {
    length: (value, { least, most }) => value.length >= Number(least) && (!most || value.length <= Number(most)),
    ascii: (value) => /^[\x21-\x7e]+$/.test(value),
    kinds: (value, { least }) => [/[a-z]/, /[A-Z]/, /[0-9]/].filter((kind) => kind.test(value)).length >= Number(least),
  };
  each("[data-rules-for]", (list) => {
    const input = document.getElementById(list.dataset.rulesFor);
    const tick = () => list.querySelectorAll("[data-rule]").forEach((item) => {
      const met = rules[item.dataset.rule](input.value, item.dataset);
      if (met === item.classList.contains("met")) return;
      item.classList.toggle("met", met);
      if (met) item.append(made("span", { class: "visually-hidden" }, list.dataset.met));
      else item.lastElementChild.remove();
    });
    if (!input) return;
    input.addEventListener("input", tick);
    tick();
  });

  // IDチェック without leaving the page. Any trouble: the button does what it does without JavaScript.
  each("[data-id-check]", (button) => {
    const input = document.getElementById(button.dataset.idCheck);
    const answer = document.getElementById(`${input.id}-check`);
    const template = answer.dataset.take;
    button.addEventListener("click", async (event) => {
      if (button.dataset.plain) return;
      event.preventDefault();
      if (button.dataset.asking) return;
      button.dataset.asking = "1";
      answer.replaceChildren(made("p", {}, answer.dataset.asking));
      const body = new FormData();
      body.set("csrf_token", input.form.elements.namedItem("csrf_token").value);
      body.set(input.name, input.value);
      try {
        const response = await fetch(button.formAction, { method: "POST", body, headers: { Accept: "application/json" } });
        const said = await response.json();
        answer.replaceChildren(made("p", { class: said.free ? "answer-yes" : "answer-no" }, said.message));
        (said.suggestions || []).forEach((id) => {
          const take = made("button", { type: "button", class: "button button-second breakable" }, template.replace("{id}", id));
          take.addEventListener("click", () => {
            input.value = id;
            input.focus();
            answer.replaceChildren();
          });
          answer.append(take);
        });
      } catch {
        button.dataset.plain = "1";
        button.click();
      } finally {
        delete button.dataset.asking;
      }
    });
    input.addEventListener("input", () => answer.replaceChildren());
  });

  // How many letters must be typed otherwise to make one word of the other; two that changed places count once.
  const distance = (one, other) => {
    const rows = Array.from({ length: one.length + 1 }, (_, i) => [i, ...Array(other.length).fill(0)]);
    for (let j = 0; j <= other.length; j += 1) rows[0][j] = j;
    for (let i = 1; i <= one.length; i += 1) {
      for (let j = 1; j <= other.length; j += 1) {
        const same = one[i - 1] === other[j - 1] ? 0 : 1;
        rows[i][j] = Math.min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + same);
        if (i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]) {
          rows[i][j] = Math.min(rows[i][j], rows[i - 2][j - 2] + 1);
        }
      }
    }
    return rows[one.length][other.length];
  };
  each("[data-domains]", (input) => {
    const known = input.dataset.domains.split(" ");
    const answer = input.parentElement.querySelector(".answer");
    input.addEventListener("change", () => {
      answer.replaceChildren();
      const typed = input.value.normalize("NFKC").trim();
      const at = typed.lastIndexOf("@");
      const domain = typed.slice(at + 1).toLowerCase();
      if (at < 1 || !domain || known.includes(domain)) return;
      const near = known.find((each) => distance(each, domain) <= (each.length > 8 ? 2 : 1));
      if (!near) return;
      const address = `${typed.slice(0, at)}@${near}`;
      const button = made("button", { type: "button", class: "button button-second breakable" }, input.dataset.take.replace("{address}", address));
      button.addEventListener("click", () => {
        input.value = address;
        answer.replaceChildren();
        input.focus();
      });
      answer.append(made("p", { class: "answer-ask" }, input.dataset.question.replace("{domain}", near)), button);
    });
  });

  // A number that is read out on the telephone: how long it is good, counted from when the page was made, and whether
  // it was used meanwhile. The server is asked while somebody looks; a page that was asleep asks at once.
  each("[data-spoken]", (frame) => {
    const words = frame.dataset;
    const count = made("p", { class: "spoken-left no-print", "aria-hidden": "true" });
    const spoken = made("p", { class: "visually-hidden", "aria-live": "polite" });
    let ends = performance.now() + Number(words.seconds) * 1000;
    const again = () => window.location.replace(window.location.href);
    const ask = async () => {
      try {
        const response = await fetch(window.location.href, { headers: { Accept: "application/json" } });
        const said = await response.json();
        if (said.state !== "live" || said.mark !== words.mark) again();
        else ends = performance.now() + said.seconds * 1000;
      } catch {
        // No answer, or the login has ended: the number stays on the page until its time is over.
      }
    };
    let asked = performance.now();
    const tick = () => {
      const left = Math.max(0, Math.ceil((ends - performance.now()) / 1000));
      const time = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
      count.textContent = words.left.replace("{time}", time);
      if (left <= 60 && !spoken.textContent) spoken.textContent = words.soon;
      if (!left) {
        window.clearInterval(timer);
        again();
      } else if (!document.hidden && performance.now() - asked > 10000) {
        asked = performance.now();
        ask();
      }
    };
    const timer = window.setInterval(tick, 1000);
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) ask();
    });
    frame.append(count, spoken);
    tick();
  });
})();
