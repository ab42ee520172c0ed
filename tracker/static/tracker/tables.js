// The page of a table that is being read: after each change the same form is sent, and what would be read by it is put
// in its place. Without this script the button does the same.
"use strict";
(() => {
  const PARTS = ["outcome", "grid", "settings"];
  const form = () => document.getElementById("reading");
  const say = (words, isWarning = false) => {
    const state = document.getElementById("state");
    state.textContent = words;
    state.classList.toggle("is-warning", isWarning);
  };
  let sending = false; // a request is under way
  let waits = false; // something was chosen meanwhile
  let touched = 0; // counts what was typed or chosen

  async function reread() {
    if (sending) { waits = true; return; }
    sending = true;
    waits = false;
    const then = touched;
    say("読み直しています…");
    try {
      const data = new FormData(form());
      data.set("act", "reread");
      const answer = await fetch(form().action, { method: "POST", body: new URLSearchParams(data), credentials: "same-origin", headers: { Accept: "application/json" } });
      await heard(answer, then);
    } catch {
      say("通信ができないので、まだ読み直していません。「この読み方で読み直す」を押すと、もう一度送ります。", true);
    } finally {
      sending = false;
    }
    if (waits) reread();
  }

  async function heard(answer, then) {
    if (answer.status === 401) {
      say("ログインが切れました。「この読み方で読み直す」を押すと、選んだ内容を残したままログインできます。", true);
      return;
    }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const there = page.getElementById("reading");
    if (!there) {
      say("読み直せませんでした。「この読み方で読み直す」を押してください。", true);
      return;
    }
    const refused = page.getElementById("errors");
    // What was typed since stays as it is: only the result is replaced then.
    if (touched === then && !refused) takeOver(there);
    else replace(page, "outcome");
    say(refused ? `読み直しましたが、使えない入力があります。${refused.querySelector("li").textContent.trim()}` : "読み直しました。", Boolean(refused));
  }

  function replace(page, name) {
    const here = document.getElementById(name);
    const there = page.getElementById(name);
    if (here && there) here.replaceWith(document.adoptNode(there));
  }

  function takeOver(there) {
    const focused = document.activeElement && document.activeElement.id;
    const scrolled = document.querySelector(".grid-scroll");
    const at = scrolled ? [scrolled.scrollLeft, scrolled.scrollTop] : [0, 0];
    for (const name of PARTS) replace(there.ownerDocument, name);
    for (const each of there.querySelectorAll(":scope > input[type=hidden]")) {
      const own = form().querySelector(`:scope > input[name="${CSS.escape(each.name)}"]`);
      if (own) own.value = each.value;
    }
    const last = form().querySelector(":scope > .form-buttons");
    last.replaceWith(document.adoptNode(there.querySelector(":scope > .form-buttons")));
    const again = document.querySelector(".grid-scroll");
    if (again) again.scrollTo(...at);
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  }

  document.addEventListener("input", (event) => { if (form().contains(event.target)) touched += 1; });
  document.addEventListener("change", (event) => {
    if (form().contains(event.target)) { touched += 1; reread(); }
  });
})();
