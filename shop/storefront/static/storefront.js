/* What the pages gain with a script: the drawer as a real dialog, a cart that changes without leaving the page.
   Everything here also works without it. */
(() => {
  "use strict";
  const root = document.documentElement;
  root.classList.add("js");

  const drawer = document.querySelector("[data-cart]");
  const page = document.querySelector("[data-page]");
  if (!drawer || !page) return;
  const contents = drawer.querySelector("[data-cart-contents]");
  const subtotal = drawer.querySelector("[data-cart-subtotal] strong");
  let opener = null;

  const focusable = () =>
    [...drawer.querySelectorAll("a[href], button, input, select")].filter((element) => !element.disabled && element.type !== "hidden");

  function open(from) {
    if (!drawer.classList.contains("open")) opener = from || document.activeElement;
    drawer.classList.add("open");
    drawer.setAttribute("aria-modal", "true");
    page.inert = true;
    /* Nothing moves when the scrollbar goes. */
    if (innerWidth > root.clientWidth) root.style.scrollbarGutter = "stable";
    root.style.overflow = "hidden";
    drawer.querySelector("[data-cart-close]").focus();
  }

  function close() {
    drawer.classList.remove("open");
    drawer.removeAttribute("aria-modal");
    page.inert = false;
    root.style.overflow = root.style.scrollbarGutter = "";
    if (location.hash === "#cart") history.replaceState(null, "", location.pathname + location.search);
    if (opener && opener.isConnected) opener.focus();
    opener = null;
  }

  document.addEventListener("keydown", (event) => {
    const burger = document.querySelector(".burger[open]");
    if (event.key === "Escape" && burger) {
      burger.open = false;
      burger.firstElementChild.focus();
    }
    if (!drawer.classList.contains("open")) return;
    if (event.key === "Escape") close();
    if (event.key !== "Tab") return;
    const stops = focusable();
    const edge = event.shiftKey ? stops[0] : stops[stops.length - 1];
    if (document.activeElement === edge || !drawer.contains(document.activeElement)) {
      event.preventDefault();
      (event.shiftKey ? stops[stops.length - 1] : stops[0]).focus();
    }
  });

  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-cart-open], [data-cart-close]");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    if (link.hasAttribute("data-cart-open")) open(link);
    else close();
  });

  function show(html) {
    contents.innerHTML = html;
    const state = contents.firstElementChild;
    if (!state || state.dataset.subtotal === undefined) return;
    if (subtotal.textContent !== state.dataset.subtotal) subtotal.textContent = state.dataset.subtotal;
    for (const element of document.querySelectorAll("[data-cart-count]")) element.textContent = state.dataset.quantity;
    for (const element of document.querySelectorAll("[data-cart-sum]")) element.textContent = state.dataset.subtotal;
    count();
  }

  /* One change at a time: two at once could each begin a cart of their own. */
  let line = Promise.resolve();
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.matches("[data-once]")) {
      const button = form.querySelector("button");
      if (form.dataset.sent) event.preventDefault();
      form.dataset.sent = "yes";
      button.setAttribute("aria-disabled", "true");
      return;
    }
    if (!form.matches("[data-cart-form]")) return;
    event.preventDefault();
    const button = event.submitter || form.querySelector("button");
    const body = new URLSearchParams(new FormData(form, button));
    button.setAttribute("aria-disabled", "true");
    line = line
      .then(() => fetch(form.action, { method: "POST", body, headers: { "X-Requested-With": "fetch" } }))
      .then(async (response) => {
        /* A time that was taken meanwhile: the page comes again, with those that are free. */
        if (response.status !== 200 && (response.status !== 422 || form.matches("[data-times]"))) throw new Error(String(response.status));
        const inside = drawer.contains(form);
        show(await response.text());
        if (!drawer.classList.contains("open")) open(button);
        else if (inside) drawer.querySelector("[data-cart-close]").focus();
      })
      .catch(() => {
        if (button.name) form.append(Object.assign(document.createElement("input"), { type: "hidden", name: button.name, value: button.value }));
        HTMLFormElement.prototype.submit.call(form);
      })
      .finally(() => button.removeAttribute("aria-disabled"));
  });

  const picture = document.querySelector("[data-picture-here]");
  document.addEventListener("change", (event) => {
    const chosen = event.target.dataset;
    if (!picture || !chosen || !chosen.picture) return;
    picture.src = chosen.picture;
    picture.alt = chosen.pictureAlt;
  });

  /* Times are shown on the visitor's own clock: the browser knows its zone, and the page is made anew with it. */
  const times = document.querySelector("[data-zone]");
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && !document.cookie.includes("shop_zone=" + encodeURIComponent(zone))) {
    document.cookie = "shop_zone=" + encodeURIComponent(zone) + "; path=/; max-age=31536000; samesite=lax";
    if (times && times.dataset.zone !== zone && !new URLSearchParams(location.search).has("zone") && document.cookie.includes("shop_zone=")) location.reload();
  }

  /* What is left of a held time. The server decides; this only counts. */
  function count() {
    for (const held of document.querySelectorAll("[data-until]")) {
      const left = Math.floor((new Date(held.dataset.until) - Date.now()) / 1000);
      const minutes = Math.floor(left / 60);
      held.textContent = left > 0 ? `Held for you for ${minutes}:${String(left % 60).padStart(2, "0")}` : "No longer held: others may take this time now";
    }
  }
  count();
  setInterval(count, 1000);

  const wrong = document.querySelector("[data-focus]");
  if (wrong) wrong.focus();

  const poll = document.querySelector("[data-poll]");
  if (poll) setTimeout(() => location.reload(), Number(poll.dataset.poll) * 1000);

  /* The browser's back button shows a page as it was; the cart may have changed since. */
  addEventListener("pageshow", (event) => {
    for (const form of document.querySelectorAll("[data-once]")) {
      delete form.dataset.sent;
      form.querySelector("button").removeAttribute("aria-disabled");
    }
    if (!event.persisted) return;
    fetch("/cart/contents", { headers: { "X-Requested-With": "fetch" } })
      .then((response) => (response.ok ? response.text() : null))
      .then((html) => html !== null && show(html))
      .catch(() => undefined);
  });

  if (location.hash === "#cart") open(document.querySelector("[data-cart-open]"));
})();
