// Looks again, every two seconds, whether what is being made is there, and tells it in its place. Without a script
// there is a link that looks.
"use strict";
(() => {
  const BUSY = 503; // for a moment

  const look = async () => {
    const here = document.getElementById("waiting");
    if (!here || !here.dataset.waits) return;
    try {
      await heard(await fetch(location.href, { credentials: "same-origin" }), here);
    } catch {
      // the network is away for a moment
    }
    setTimeout(look, 2000);
  };

  async function heard(answer, here) {
    if (answer.redirected || (!answer.ok && answer.status !== BUSY)) {
      stop(here);
    } else if (answer.ok) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const there = page.getElementById("waiting");
      if (there && !there.dataset.waits) {
        here.replaceChildren(...there.childNodes);
        delete here.dataset.waits;
      }
    }
  }

  // It was published meanwhile, or the login has ended: the page itself says which.
  function stop(here) {
    const words = document.createElement("p");
    const again = document.createElement("a");
    again.href = location.href;
    again.textContent = "ページを開き直す";
    words.append("このページは、いまは使えません（この間に公表されたか、ログインが切れました）。", again);
    here.replaceChildren(words);
    delete here.dataset.waits;
  }

  setTimeout(look, 2000);
})();
