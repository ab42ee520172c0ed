// Looks again, every two seconds, whether what is being made is there, and tells it in its place. Without a script
// there is a link that looks.
"use strict";
(() => {
  const look = async () => {
    const here = document.getElementById("waiting");
    if (!here || !here.dataset.waits) return;
    try {
      const answer = await fetch(location.href, { credentials: "same-origin" });
      if (answer.ok && !answer.redirected) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const there = page.getElementById("waiting");
        if (there && !there.dataset.waits) {
          here.replaceChildren(...there.childNodes);
          delete here.dataset.waits;
        }
      }
    } catch {
      // the network is away for a moment
    }
    setTimeout(look, 2000);
  };
  setTimeout(look, 2000);
})();
