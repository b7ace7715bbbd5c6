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
        const answer = await fetch(queue.dataset.refresh, { headers: { Accept: "text/html" }, redirect: "error" });
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const fresh = answer.ok && page.getElementById(queue.id);
        if (fresh && fresh.dataset.mark !== queue.dataset.mark) {
          queue.replaceChildren(...fresh.childNodes);
          queue.dataset.mark = fresh.dataset.mark;
        }
      } catch {
        // Away or logged out: the next look, or the person, will find out.
      }
    }
    window.setTimeout(look, every);
  };
  window.setTimeout(look, every);
})();
