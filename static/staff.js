// What makes the console quicker for those who have JavaScript. Nothing but a passkey depends on it.
"use strict";

// The queue of requests looks again by itself, while somebody looks at it (templates/staff/requests/queue.html).
(() => {
  const queue = document.querySelector("[data-refresh]");
  if (!queue) return;
  const every = 5000;
  // Whoever has left the desk is logged out as from any other page: only a person's hand keeps the looks going.
  const idle = 600000;
  let touched = Date.now();
  for (const sign of ["pointermove", "keydown", "focus"]) {
    window.addEventListener(sign, () => { touched = Date.now(); }, { passive: true });
  }
  const look = async () => {
    const isThere = !document.hidden && Date.now() - touched < idle;
    if (isThere && !queue.contains(document.activeElement)) {
      try {
        const answer = await fetch(queue.dataset.refresh, { headers: { Accept: "text/html" }, redirect: "manual" });
        if (answer.type === "opaqueredirect") {
          // Logged out meanwhile: the way to log in takes the place of what stands here.
          window.location.reload();
          return;
        }
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const fresh = answer.ok && page.getElementById(queue.id);
        if (fresh && fresh.dataset.mark !== queue.dataset.mark) {
          queue.replaceChildren(...fresh.childNodes);
          queue.dataset.mark = fresh.dataset.mark;
        }
      } catch {
        // Away: the next look, or the person, will find out.
      }
    }
    window.setTimeout(look, every);
  };
  window.setTimeout(look, every);
})();

// Keys: what carries data-key="c" is pressed by that key alone, where no field has the cursor; a field or a group of
// fields takes the cursor instead. Whoever speaks to the computer, or is disturbed by it, switches them off (WCAG 2.1.4);
// the browser remembers that.
(() => {
  const OFF = "staff-keys-off";
  const remembered = (deed) => {
    try {
      return deed(window.localStorage);
    } catch {
      return null; // a browser that keeps nothing: the keys are on, until the next page
    }
  };
  let off = remembered((kept) => kept.getItem(OFF)) === "1";
  const root = document.documentElement;
  const marked = [...document.querySelectorAll("[data-key]")];
  if (!marked.length) return;

  const button = document.createElement("button");
  button.type = "button";
  button.className = "keys-switch";
  const show = () => {
    root.classList.toggle("has-keys", !off);
    button.textContent = off ? "キー操作：切" : "キー操作：入";
    marked.forEach((each) => {
      if (off) each.removeAttribute("aria-keyshortcuts");
      else each.setAttribute("aria-keyshortcuts", each.dataset.key.toUpperCase());
    });
  };
  button.addEventListener("click", () => {
    off = !off;
    remembered((kept) => (off ? kept.setItem(OFF, "1") : kept.removeItem(OFF)));
    show();
  });
  (document.querySelector("main") || document.body).after(button);
  show();

  const types = (element) => element.isContentEditable
    || element.tagName === "TEXTAREA"
    || element.tagName === "SELECT"
    || (element.tagName === "INPUT" && !["radio", "checkbox", "submit", "button"].includes(element.type));
  const CODES = { Slash: "/" };
  // With a Japanese input method on, the key is told by its place only.
  const pressed = (event) => {
    if (event.key.length === 1 && event.key.charCodeAt(0) < 128) return event.key.toLowerCase();
    return CODES[event.code] || event.code.replace(/^(Key|Digit)/, "").toLowerCase();
  };
  const FIELDS = "input:not([type=hidden]), select, textarea";
  document.addEventListener("keydown", (event) => {
    if (off || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (types(event.target)) return;
    const element = marked.find((each) => each.dataset.key === pressed(event) && each.getClientRects().length);
    if (!element) return;
    event.preventDefault();
    if (element.matches(FIELDS)) {
      element.focus();
      if (element.select) element.select();
    } else if (element.matches("a, button, summary")) {
      element.click();
    } else {
      const field = element.querySelector(`${FIELDS}, a, button`);
      if (field) field.focus();
    }
  });
})();

// On the way in the cursor stands where one types, unless the page tells of an error.
(() => {
  const form = document.querySelector("form[data-start]");
  if (form && !document.getElementById("errors")) form.elements.namedItem(form.dataset.start)?.focus();
})();

// Passkeys: the form carries what the browser is to ask the authenticator, and takes its answer.
(() => {
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const known = (list) => (list || []).map((each) => ({ ...each, id: bytes(each.id) }));

  const asked = {
    create: (question) => navigator.credentials.create({ publicKey: {
      ...question,
      challenge: bytes(question.challenge),
      user: { ...question.user, id: bytes(question.user.id) },
      excludeCredentials: known(question.excludeCredentials),
    } }),
    get: (question) => navigator.credentials.get({ publicKey: {
      ...question,
      challenge: bytes(question.challenge),
      allowCredentials: known(question.allowCredentials),
    } }),
  };

  const answer = (credential) => {
    const { response } = credential;
    const said = { clientDataJSON: text(response.clientDataJSON) };
    ["attestationObject", "authenticatorData", "signature", "userHandle"].forEach((name) => {
      if (response[name]) said[name] = text(response[name]);
    });
    if (response.getTransports) said.transports = response.getTransports();
    return JSON.stringify({ id: credential.id, rawId: text(credential.rawId), type: credential.type, response: said });
  };

  document.querySelectorAll("form[data-passkey]").forEach((form) => {
    if (!window.PublicKeyCredential) return;
    const button = document.createElement("button");
    button.className = "button button-main";
    button.textContent = form.dataset.button;
    const failed = document.createElement("p");
    failed.className = "passkey-failed";
    failed.setAttribute("role", "alert");
    form.append(button, failed);
    let is_answered = false;
    form.addEventListener("submit", async (event) => {
      if (is_answered) return;
      event.preventDefault();
      failed.textContent = "";
      try {
        const credential = await asked[form.dataset.passkey](JSON.parse(form.dataset.question));
        form.elements.namedItem("answer").value = answer(credential);
        is_answered = true;
        form.requestSubmit(button);
      } catch {
        failed.textContent = form.dataset.failed;
      }
    });
  });
})();
