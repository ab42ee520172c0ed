// The review page's keys: `a` approves and goes on, `r` goes to the reason. Without this script the same page works by
// its buttons. Whoever switched the keys off is not given it.
"use strict";

const PAUSE = 1_000; // milliseconds: a key pressed twice must not judge the next row, which nobody has read yet
const opened = performance.now();
let sent = false;

// Where a key has a meaning of its own, or somebody is writing.
const isTakenUp = (element) => Boolean(element.closest?.("input, textarea, select, [contenteditable], dialog"));

function isMeant(event) {
  const isPlain = !event.ctrlKey && !event.altKey && !event.metaKey && !event.shiftKey && !event.repeat;
  const isComposing = event.isComposing || event.keyCode === 229;
  return isPlain && !isComposing && !event.defaultPrevented && !isTakenUp(event.target)
    && !document.querySelector("dialog[open]") && performance.now() - opened > PAUSE;
}

function approve() {
  const button = document.getElementById("approve");
  if (!button || sent) return;
  sent = true;
  button.click();
}

function writeReason() {
  const reason = document.getElementById("id_reason");
  if (!reason) return;
  reason.focus();
  reason.scrollIntoView({ block: "center" });
}

document.getElementById("keys").hidden = false;
const ACTS = { a: approve, r: writeReason };

document.addEventListener("keydown", (event) => {
  const act = ACTS[event.key.toLowerCase()];
  if (!act || !isMeant(event)) return;
  event.preventDefault(); // the letter is not written into the reason
  act();
});
// Come back by 「戻る」, the page begins anew: its button works again.
window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
