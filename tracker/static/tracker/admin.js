// Suggestions for a choice among more things than the page can list: asked for while somebody types.
"use strict";

const WAIT = 250; // milliseconds after the last key

function suggest(input) {
  const list = input.list;
  const term = input.value.trim();
  if (!term || [...list.options].some((option) => option.value === input.value)) {
    return;
  }
  fetch(`${input.dataset.source}&term=${encodeURIComponent(term)}`, { headers: { Accept: "application/json" } })
    .then((response) => (response.ok ? response.json() : { results: [] }))
    .then((answer) => {
      list.replaceChildren(...answer.results.map((found) => new Option("", found.text)));
    })
    .catch(() => {}); // the field works without suggestions
}

for (const input of document.querySelectorAll("input[data-source]")) {
  let waiting = 0;
  input.addEventListener("input", (event) => {
    clearTimeout(waiting);
    if (!event.isComposing) {
      waiting = setTimeout(suggest, WAIT, input);
    }
  });
  input.addEventListener("compositionend", () => suggest(input));
}
