// What makes the console quicker for those who have JavaScript. Nothing but a passkey depends on it.
"use strict";

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
