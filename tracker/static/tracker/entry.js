// The entry form: autosave, a count of characters, the stock phrase at the cursor, and a copy of what is typed in this
// browser until the server has it. Without this script the same form works by its buttons.
"use strict";

const form = document.getElementById("entry");
const status = document.getElementById("saved");
const PAUSE = 2_000; // milliseconds without a key until what was typed is saved
const EVERY = 10_000; // and at the latest, while somebody goes on typing
const LOOK = 20_000; // milliseconds between two looks whether somebody else has saved
const KEPT_DAYS = 60; // a copy that nobody asked for goes after these
const backupPrefix = "manifesto-entry-";
// A copy is its author's: another person at the same machine is not shown it. Each window has one of its own.
const ownPrefix = `${backupPrefix}${form.dataset.action}-${form.dataset.person}-`;
let backupKey = `${ownPrefix}${Date.now().toString(36)}`;
const EXTRA = "extra_"; // begins the names of the manifesto's own columns
const names = ["result", "rating", "rating_reason", "plan",
  ...[...form.querySelectorAll(`[name^="${EXTRA}"]`)].map((one) => one.name)];
let sending = null; // the request under way
let stopped = false; // after a conflict or a closed round, saving is a person's decision
let composing = false;
let lastKey = 0; // when something was typed last
let failed = false; // the last save did not reach the server: the next one waits for a key, or for its turn
let told = form.elements.version.value; // the version that the person knows to be the newest

const answers = () => {
  const data = new FormData(form);
  return JSON.stringify(names.map((name) => (data.get(name) || "").replace(/\r\n?/g, "\n")));
};
// What the server is known to have: what the form began with, not what the browser has put into its fields since.
function begun() {
  try {
    const base = JSON.parse(form.elements.base.value);
    return JSON.stringify([base.result, base.is_unrated ? "none" : String(base.rating_id ?? ""), base.rating_reason, base.plan,
      ...names.slice(4).map((name) => base.extra_values?.[name.slice(EXTRA.length)] ?? "")]);
  } catch { return ""; }
}
let sent = begun();
let refused = null; // answers of which the server has all but the fields that it cannot take
const say = (words) => { status.textContent = words; status.classList.remove("is-warning"); };
const warn = (words) => { say(words); status.classList.add("is-warning"); };

async function autosave() {
  if (stopped || composing || sending || [sent, refused].includes(answers())) return;
  const now = answers();
  const data = new FormData(form);
  data.set("act", "save");
  sending = fetch(form.action, { method: "POST", body: data, headers: { Accept: "application/json" }, credentials: "same-origin" });
  try {
    const response = await sending;
    failed = response.status !== 200;
    await heard(response, now);
  } catch {
    failed = true;
    say("自動保存できませんでした。通信を確かめています。入力した内容は、このブラウザーに控えています。");
  } finally {
    sending = null;
  }
  // What was typed meanwhile has waited long enough if its pause is over.
  if (!failed && Date.now() - lastKey >= PAUSE) autosave();
}

async function heard(response, now) {
  if (response.status === 200) {
    const saved = await response.json();
    form.elements.version.value = saved.version;
    form.elements.base.value = saved.base;
    told = String(saved.version);
    const errors = saved.errors ?? [];
    mark(errors);
    refused = errors.length ? now : null;
    sent = errors.length ? begun() : now;
    if (answers() === sent) localStorage.removeItem(backupKey);
    else backUpNow();
    if (errors.length) warn(`次の項目のほかは自動保存しました。${errors.map(([, words]) => words).join(" ")}直すと、続けて保存します。`);
    else say(saved.saved_at ? `自動保存しました（${saved.saved_at}）。` : "まだ何も書かれていません。");
  } else if (response.status === 401) {
    say("ログインが切れました。「保存」を押すと、入力した内容を残したままログインできます。");
  } else if (response.status === 409) {
    stopped = true;
    const why = await response.json();
    warn(why.conflict
      ? `${why.words}自動保存を止めました。「保存」を押すと、見比べて選べます。`
      : `自動保存を止めました。${why.refused}`);
  } else if (response.status === 503) {
    const why = await response.json();
    say(`まだ自動保存できていません（20 秒ごとに試します）。${why.unavailable}`);
  } else if (response.status === 422) {
    const why = await response.json();
    say(`まだ保存されていません。${why.errors.map(([, words]) => words).join(" ")}`);
  } else {
    say("自動保存できませんでした。「保存」を押してみてください。入力した内容は、このブラウザーに控えています。");
  }
}

// Marks the fields that could not be saved as they are, as the server does on a page; those that were mended no more.
function mark(errors) {
  document.querySelectorAll(".error[data-unsaved]").forEach((words) => {
    const field = document.getElementById(words.dataset.unsaved);
    field.removeAttribute("aria-invalid");
    field.setAttribute("aria-describedby", field.getAttribute("aria-describedby").replace(` ${words.id}`, ""));
    field.closest(".field").classList.remove("field-error");
    words.remove();
  });
  for (const [name, words] of errors) {
    const field = form.elements[name];
    if (!field?.id || document.getElementById(`${name}-error`)) continue; // none of one element, or marked by the server
    const line = document.createElement("p");
    [line.className, line.id, line.textContent, line.dataset.unsaved] = ["error", `${name}-error`, words, field.id];
    field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-describedby", `${field.getAttribute("aria-describedby") ?? ""} ${line.id}`);
    field.closest(".field").classList.add("field-error");
    field.after(line);
  }
}

// --- a copy in this browser, until the server has it ---
let backupTimer = 0;
function backUp() {
  clearTimeout(backupTimer);
  backupTimer = setTimeout(backUpNow, 500);
}

function backUpNow() {
  try {
    if (answers() === sent) return;
    const seen = { version: form.elements.version.value, base: form.elements.base.value };
    localStorage.setItem(backupKey, JSON.stringify({ ...seen, names, values: answers(), at: Date.now() }));
  } catch { /* a browser without storage still autosaves */ }
}

const when = new Intl.DateTimeFormat("ja-JP-u-ca-japanese", { dateStyle: "long", timeStyle: "short" });
const keys = (prefix) => Object.keys(localStorage).filter((key) => key.startsWith(prefix));

function offerBackups() {
  try {
    forgetOld();
    const offered = new Set(); // what two windows have kept alike is offered once
    for (const key of keys(ownPrefix)) {
      const kept = JSON.parse(localStorage.getItem(key));
      const alike = JSON.stringify([kept.names, kept.values, kept.base]);
      if (offered.has(alike)) localStorage.removeItem(key);
      else offer(key, kept);
      offered.add(alike);
    }
  } catch { /* a browser without storage, or a copy that cannot be read */ }
}

// Numbers and the like as the server writes them: without commas, spaces and full-width digits.
const asStored = (values) => values && JSON.stringify(
  JSON.parse(values).map((one, place) => (place < 4 ? one : one.normalize("NFKC").replace(/[\s,]/g, ""))));

function offer(key, kept) {
  if (asStored(kept.values) === asStored(sent)) { // it has reached the server meanwhile
    localStorage.removeItem(key);
    return;
  }
  if (kept.values === answers()) { // a refused form shows its own copy, and goes on with it
    backupKey = key;
    return;
  }
  const box = document.createElement("p");
  box.className = "notice";
  const since = kept.base === form.elements.base.value ? "" : "そのあとに、この取組は保存し直されています。戻して「保存」を押すと、見比べて選べます。";
  box.append(`前に入力して、保存されなかった内容が、このブラウザーに残っています（${when.format(kept.at)}）。${since}`);
  box.append(button("入力欄に戻す", () => { restore(kept); localStorage.removeItem(key); box.remove(); }));
  box.append(button("捨てる", () => { localStorage.removeItem(key); box.remove(); }));
  document.getElementById("backup").append(box);
}

function forgetOld() {
  const oldest = Date.now() - KEPT_DAYS * 86_400_000;
  for (const key of keys(backupPrefix)) {
    let at = Infinity; // what cannot be read is not ours to throw away
    try { at = JSON.parse(localStorage.getItem(key)).at ?? Infinity; } catch { /* left */ }
    if (at < oldest) localStorage.removeItem(key);
  }
}

function button(words, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "secondary";
  made.textContent = words;
  made.addEventListener("click", act);
  return made;
}

// The copy's own beginning comes back with it: what was saved since is met as a conflict.
function restore(kept) {
  const of = kept.names ?? names;
  const gone = []; // what was typed for a column that the form no longer has
  JSON.parse(kept.values).forEach((value, place) => {
    if (form.elements[of[place]]) form.elements[of[place]].value = value;
    else if (value) gone.push(value);
  });
  if (gone.length) document.getElementById("backup").append(`いまはない項目に書かれていた内容：${gone.join("　")}`);
  form.elements.version.value = kept.version;
  form.elements.base.value = kept.base;
  sent = begun();
  backUpNow();
  form.querySelectorAll("textarea").forEach((area) => area.dispatchEvent(new Event("input", { bubbles: true })));
}

// --- characters: as the server counts them, and not while an IME is composing ---
const length = (text) => [...text.replace(/\r\n?/g, "\n")].length;
function count(area) {
  const line = document.querySelector(`[data-count="${area.id}"]`);
  if (!line) return;
  const now = length(area.value), most = Number(line.dataset.most);
  line.textContent = now > most
    ? `${now.toLocaleString()} 文字（${most.toLocaleString()} 文字までなので、${(now - most).toLocaleString()} 文字減らしてください）`
    : `${now.toLocaleString()} 文字（${most.toLocaleString()} 文字まで）`;
  line.classList.toggle("error", now > most);
}

form.querySelectorAll("textarea, input[type=text]").forEach((area) => {
  area.addEventListener("compositionstart", () => { composing = true; });
  area.addEventListener("compositionend", () => { composing = false; count(area); typed(); });
  area.addEventListener("input", (event) => { if (!event.isComposing) count(area); });
  count(area);
});

// --- a text that a button puts in: the stock phrase at the cursor, last year's texts at the end. Nothing that stands
// there goes, not even what is selected; and Ctrl+Z takes it out again. ---
form.querySelectorAll(".phrase").forEach((one) => {
  one.addEventListener("click", (event) => {
    event.preventDefault();
    const area = document.getElementById(one.dataset.into);
    const at = one.dataset.at === "end" ? area.value.length : area.selectionEnd;
    const before = area.value.slice(0, at), after = area.value.slice(at);
    const start = before && !before.endsWith("\n") ? "\n" : "", end = after && !after.startsWith("\n") ? "\n" : "";
    const text = start + one.dataset.phrase + end;
    area.focus();
    area.setSelectionRange(at, at);
    if (!document.execCommand("insertText", false, text)) {
      area.setRangeText(text, at, at, "end"); // a browser that cannot take it back
      area.dispatchEvent(new Event("input", { bubbles: true }));
    }
  });
});

// --- somebody else's saving: told as soon as it is known. A page that nobody looks at does not ask. ---
async function look() {
  if (document.hidden || stopped || sending) return;
  try {
    const response = await fetch(form.dataset.version, { headers: { Accept: "application/json" }, credentials: "same-origin" });
    if (response.status !== 200 || sending) return;
    const now = await response.json();
    if (Number(now.version) <= Number(told)) return;
    told = String(now.version);
    warn(answers() === sent
      ? `${now.words}画面を開き直すと、いまの内容が見られます。`
      : `${now.words}「保存」を押すと、見比べて選べます。`);
  } catch { /* the next save says what is the matter */ }
}
setInterval(look, LOOK);
document.addEventListener("visibilitychange", look);

let pauseTimer = 0;
function typed() {
  lastKey = Date.now();
  backUp();
  clearTimeout(pauseTimer);
  pauseTimer = setTimeout(autosave, PAUSE);
}
form.addEventListener("input", typed);
form.addEventListener("change", typed);
form.addEventListener("focusout", autosave);
setInterval(autosave, EVERY);

// A save by button waits for an autosave under way, whose answer changes the version.
form.addEventListener("submit", async (event) => {
  if (sending) {
    event.preventDefault();
    const pressed = event.submitter;
    try { await sending; } catch { /* said already */ }
    setTimeout(() => form.requestSubmit(pressed), 50);
    return;
  }
  backUpNow(); // the server may not be there: the page goes, before its pause for a copy is over
  stopped = true;
  leaving = true;
});
let leaving = false;
window.addEventListener("beforeunload", (event) => { if (!leaving && answers() !== sent) event.preventDefault(); });
window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

document.getElementById("errors")?.focus();
offerBackups();
