// The pages of 料金データ for those who have JavaScript: files go in pieces that can be resumed (tus 1.0), with progress, and
// the progress of checks keeps itself up to date. Without it the form carries the files, and a link shows the state.
"use strict";

(() => {
  const form = document.querySelector("form[data-uploads]");
  if (!form) return;
  const base = form.dataset.uploads;
  const input = form.querySelector("input[type=file]");
  const list = form.querySelector("[data-files]");
  const told = form.querySelector("[data-told]");
  const drop = form.querySelector("[data-drop]");
  const token = form.elements.namedItem("csrf_token").value;
  const LEAST = 1 << 18;
  const MOST = 1 << 23;
  const LONGEST_WAIT = 30;
  document.documentElement.classList.add("has-uploads");

  const size = (bytes) => {
    if (bytes < 1024) return `${bytes}バイト`;
    const units = ["KB", "MB", "GB"];
    let amount = bytes / 1024;
    let unit = 0;
    while (amount >= 1024 && unit < 2) { amount /= 1024; unit += 1; }
    return `${amount.toFixed(1)} ${units[unit]}`;
  };
  const time = (seconds) => (seconds >= 90 ? `${Math.round(seconds / 60)}分` : `${Math.max(Math.round(seconds), 1)}秒`);
  const base64 = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

  // Which upload a file of this computer is: told by name, size and time of change, so that a changed file begins anew.
  const mark = (file) => `batch-upload ${file.name} ${file.size} ${file.lastModified}`;
  const remembered = (deed) => {
    try {
      return deed(window.localStorage);
    } catch {
      return null; // a browser that keeps nothing: the upload begins anew after a break of the page
    }
  };

  const uploads = [];
  let isSending = false;
  let isLeaving = false;

  const row = (file) => {
    const item = document.createElement("li");
    const name = document.createElement("span");
    name.className = "breakable batch-file-name";
    name.textContent = `${file.name}　${size(file.size)}`;
    const bar = document.createElement("progress");
    bar.max = Math.max(file.size, 1);
    bar.value = 0;
    bar.setAttribute("aria-label", `${file.name}の送信`);
    const text = document.createElement("span");
    text.className = "batch-file-text";
    const cancel = document.createElement("button");
    cancel.type = "button";
    cancel.className = "button button-second button-small";
    cancel.textContent = "取り消す";
    cancel.setAttribute("aria-label", `${file.name}を取り消す`);
    item.append(name, bar, text, cancel);
    list.append(item);
    return { item, bar, text, cancel };
  };

  const add = (file, id = null) => {
    if (uploads.some((each) => mark(each.file) === mark(file))) return;
    const upload = { file, id: id || remembered((kept) => kept.getItem(mark(file))), offset: 0, isDone: false, isGone: false, ...row(file) };
    upload.text.textContent = upload.id ? "途中から続けます" : "まだ送っていません";
    upload.cancel.addEventListener("click", () => discard(upload));
    uploads.push(upload);
    told.textContent = "";
  };

  const discard = async (upload) => {
    upload.isGone = true;
    if (upload.request) upload.request.abort();
    if (upload.wake) upload.wake();
    uploads.splice(uploads.indexOf(upload), 1);
    upload.item.remove();
    input.focus();
    told.textContent = `${upload.file.name}を取り消しました。`;
    forget(upload);
    if (upload.id) {
      try {
        await ask("DELETE", `${base}/${upload.id}`, {});
      } catch {
        // It goes by its age.
      }
    }
  };

  const remember = (upload) => remembered((kept) => kept.setItem(mark(upload.file), upload.id));
  const forget = (upload) => remembered((kept) => kept.removeItem(mark(upload.file)));

  // Whatever is answered; an answer that is not of the uploads is one of the login, or of something in between.
  const ask = (method, path, headers, body = null, upload = null) => new Promise((answered, failed) => {
    const request = new XMLHttpRequest();
    if (upload) upload.request = request;
    request.open(method, path);
    request.setRequestHeader("Tus-Resumable", "1.0.0");
    request.setRequestHeader("X-CSRFToken", token);
    Object.entries(headers).forEach(([name, value]) => request.setRequestHeader(name, value));
    if (upload && body) {
      const begins = upload.offset;
      request.upload.addEventListener("progress", (event) => show(upload, begins + event.loaded));
    }
    request.addEventListener("load", () => answered(request));
    request.addEventListener("error", () => failed(new Error("network")));
    request.addEventListener("abort", () => failed(new Error("abort")));
    request.send(body);
  });

  const show = (upload, sent) => {
    upload.bar.value = sent;
    const whole = upload.file.size;
    const share = whole ? Math.floor((sent / whole) * 100) : 100;
    const seconds = (Date.now() - upload.began) / 1000;
    const speed = (sent - upload.from) / seconds;
    const left = seconds > 2 && speed > 0 ? `　残り約${time((whole - sent) / speed)}` : "";
    upload.text.textContent = `${share}%（${size(sent)} / ${size(whole)}）${sent < whole ? left : ""}`;
  };

  const LOGGED_OUT = "ログインの時間が過ぎました。この画面を開き直してログインし、同じファイルを選ぶと、続きから送ります。";
  class Refused extends Error {}
  const isOfUploads = (request) => request.getResponseHeader("Tus-Resumable") !== null;
  const sentence = (request) => {
    try {
      return JSON.parse(request.responseText).detail || "";
    } catch {
      return "";
    }
  };
  const stop = (request) => {
    if (!isOfUploads(request) && (request.status < 300 || [400, 403].includes(request.status))) throw new Refused(LOGGED_OUT);
    throw new Refused(sentence(request) || "受け取られませんでした。しばらくしてから、もう一度お試しください。");
  };
  const isPassing = (request) => request.status >= 500 || [409, 423, 429, 460].includes(request.status)
    || (!isOfUploads(request) && request.status >= 404);

  const begin = async (upload) => {
    const metadata = `filename ${base64(upload.file.name)}`;
    const answer = await ask("POST", base, { "Upload-Length": String(upload.file.size), "Upload-Metadata": metadata }, null, upload);
    if (answer.status !== 201) {
      if (answer.status !== 429 && isPassing(answer)) throw new Error("later");
      stop(answer);
    }
    upload.id = answer.getResponseHeader("Location").split("/").pop();
    upload.offset = 0;
    remember(upload);
  };

  // How far it is; one that is not there any more begins anew.
  const look = async (upload) => {
    const answer = await ask("HEAD", `${base}/${upload.id}`, {}, null, upload);
    if (isOfUploads(answer) && (answer.status === 404 || answer.status === 410)) {
      upload.id = null;
      return;
    }
    if (answer.status !== 200 || !isOfUploads(answer)) {
      if (isPassing(answer)) throw new Error("later");
      stop(answer);
    }
    if (Number(answer.getResponseHeader("Upload-Length")) !== upload.file.size) {
      upload.id = null;
      return;
    }
    upload.offset = Number(answer.getResponseHeader("Upload-Offset"));
  };

  const piece = async (upload, bytes) => {
    const body = upload.file.slice(upload.offset, upload.offset + bytes);
    const headers = { "Upload-Offset": String(upload.offset), "Content-Type": "application/offset+octet-stream" };
    const answer = await ask("PATCH", `${base}/${upload.id}`, headers, body, upload);
    if (answer.status !== 204 || !isOfUploads(answer)) {
      if (isPassing(answer) || answer.status === 404 || answer.status === 410) throw new Error("later");
      stop(answer);
    }
    upload.offset = Number(answer.getResponseHeader("Upload-Offset"));
  };

  const rest = (upload, seconds) => new Promise((woken) => {
    upload.wake = woken;
    window.setTimeout(woken, seconds * 1000);
  });
  window.addEventListener("online", () => uploads.forEach((each) => each.wake && each.wake()));

  const send = async (upload) => {
    let bytes = 1 << 20;
    let fails = 0;
    let isKnown = false;
    upload.began = Date.now();
    while (!upload.isGone && !upload.isDone) {
      try {
        if (upload.id && !isKnown) await look(upload);
        if (!upload.id) await begin(upload);
        if (!isKnown) {
          isKnown = true;
          upload.began = Date.now();
          upload.from = upload.offset;
          show(upload, upload.offset);
        }
        if (upload.offset < upload.file.size) {
          const since = Date.now();
          const before = upload.offset;
          await piece(upload, bytes);
          const seconds = (Date.now() - since) / 1000;
          if (upload.offset > before) fails = 0;
          if (seconds < 2) bytes = Math.min(bytes * 2, MOST);
          if (seconds > 8) bytes = Math.max(bytes / 2, LEAST);
        }
        upload.isDone = upload.offset >= upload.file.size;
      } catch (error) {
        if (upload.isGone) return;
        if (error instanceof Refused) throw error;
        isKnown = false;
        fails += 1;
        bytes = Math.max(bytes / 2, LEAST);
        const seconds = Math.min(2 ** (fails - 1), LONGEST_WAIT);
        upload.text.textContent = `通信が途切れました。${seconds}秒後に、続きから送ります。`;
        await rest(upload, seconds);
      }
    }
    if (upload.isDone) {
      show(upload, upload.file.size);
      upload.cancel.hidden = true;
    }
  };

  const hand_over = () => {
    uploads.forEach((upload) => {
      const hidden = document.createElement("input");
      hidden.type = "hidden";
      hidden.name = "upload";
      hidden.value = upload.id;
      form.append(hidden);
      forget(upload);
    });
    input.disabled = true;
    isLeaving = true;
    told.textContent = "全部届きました。渡しています…";
    form.submit();
  };

  const send_all = async () => {
    if (isSending) return;
    isSending = true;
    told.textContent = "ファイルを送っています。終わると、自動で渡します。";
    try {
      for (let next = 0; next < uploads.length;) {
        const upload = uploads[next];
        if (!upload.isDone) {
          try {
            await send(upload);
          } catch (error) {
            upload.text.textContent = error.message;
            throw error;
          }
        }
        next = uploads.findIndex((each) => !each.isDone);
        if (next < 0) break;
      }
      if (uploads.length && uploads.every((each) => each.isDone)) hand_over();
      else told.textContent = "渡すファイルがなくなりました。ファイルを選んでください。";
    } catch (error) {
      told.textContent = `「渡して検査する」を押すと、続きから送ります。${error.message}`;
    } finally {
      isSending = false;
    }
  };

  const take = (files) => [...files].forEach((file) => add(file));
  input.addEventListener("change", () => {
    take(input.files);
    input.value = "";
  });
  form.addEventListener("submit", (event) => {
    if (!uploads.length) return;
    event.preventDefault();
    send_all();
  });
  window.addEventListener("beforeunload", (event) => {
    if (isSending && !isLeaving) event.preventDefault();
  });
  // A page that comes back from the browser's memory is as it was before it was sent.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) window.location.reload();
  });

  const carries = (event) => [...(event.dataTransfer?.types || [])].includes("Files");
  ["dragenter", "dragover"].forEach((name) => document.addEventListener(name, (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    drop.classList.add("batch-drop-over");
  }));
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) drop.classList.remove("batch-drop-over");
  });
  document.addEventListener("drop", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    drop.classList.remove("batch-drop-over");
    take(event.dataTransfer.files);
  });

  // An upload that broke off goes on with the same file.
  document.querySelectorAll("[data-unfinished]").forEach((item) => {
    const chooser = document.createElement("input");
    chooser.type = "file";
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button-second";
    button.textContent = "続ける";
    button.addEventListener("click", () => chooser.click());
    chooser.addEventListener("change", () => {
      const [file] = chooser.files;
      chooser.value = "";
      if (!file) return;
      if (file.name !== item.dataset.name || file.size !== Number(item.dataset.size)) {
        told.textContent = `「${item.dataset.name}」と違うファイルです。途中まで送ったファイルと同じものを選んでください。`;
        return;
      }
      add(file, item.dataset.unfinished);
      item.hidden = true;
      send_all();
    });
    item.append(button);
  });
})();

// How far checks are. Whoever has left the desk is logged out as from any other page: only a person's hand keeps the
// looks going. When a check is over the page comes anew, unless somebody is about to hand files over.
(() => {
  const bars = [...document.querySelectorAll("[data-progress]")];
  if (!bars.length) return;
  const query = bars.map((bar) => `id=${bar.dataset.progress}`).join("&");
  const every = 2000;
  const idle = 600000;
  let touched = Date.now();
  for (const sign of ["pointermove", "keydown", "focus"]) {
    window.addEventListener(sign, () => { touched = Date.now(); }, { passive: true });
  }
  const is_busy = () => document.querySelector("[data-files] li") !== null
    || (document.activeElement && document.activeElement.closest("form") !== null);
  const draw = (bar, batch) => {
    bar.querySelector("[data-text]").textContent = batch.text === null ? `「${batch.state_words}」になりました。` : batch.text;
    const progress = bar.querySelector("progress");
    if (batch.text === null) progress.value = 100;
    else if (batch.share === null) progress.removeAttribute("value");
    else progress.value = batch.share;
  };
  const look = async () => {
    if (!document.hidden && Date.now() - touched < idle) {
      try {
        const answer = await fetch(`/staff/batches/progress?${query}`, { headers: { Accept: "application/json" }, redirect: "manual" });
        if (answer.type === "opaqueredirect") {
          window.location.reload();
          return;
        }
        if (answer.ok) {
          const { batches } = await answer.json();
          batches.forEach((batch) => bars.filter((bar) => bar.dataset.progress === String(batch.id)).forEach((bar) => draw(bar, batch)));
          if (batches.some((batch) => batch.text === null) && !is_busy()) {
            window.location.reload();
            return;
          }
        }
      } catch {
        // Away: the next look, or the person, will find out.
      }
    }
    window.setTimeout(look, every);
  };
  window.setTimeout(look, every);
})();
