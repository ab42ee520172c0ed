// Fills in the user name and the number of a mailed link. They stand behind the #, which no server sees; and they
// are taken out of the address at once, so that they stay in no history.
"use strict";
(() => {
  const [username, number] = location.hash.slice(1).split("/");
  if (!number) return;
  history.replaceState(null, "", location.pathname);
  const form = document.getElementById("invitation");
  try {
    form.elements.username.value = decodeURIComponent(username);
    form.elements.password_number.value = decodeURIComponent(number);
  } catch {
    return; // half a link: the person types what the mail says
  }
  form.elements.password1.focus();
})();
