/* Comments without leaving the page: the answer's form opens below its comment, and what is posted comes back as a part
   of the page. Everything here also works without it. */
(() => {
  "use strict";
  const told = Object.assign(document.createElement("p"), { className: "sr-only" });
  told.setAttribute("role", "status");
  document.body.append(told);
  const ask = (address, more) => fetch(address, { headers: { "X-Requested-With": "fetch" }, ...more });
  const part = (html) => {
    const holder = document.createElement("template");
    holder.innerHTML = html;
    return holder.content.firstElementChild;
  };

  /* The page is the same for everybody: the form gets its token when somebody begins to write. */
  const asked = new WeakMap();
  const ready = (form) => {
    const field = form.querySelector("[name=formToken]");
    if (field.value) return Promise.resolve();
    if (!asked.has(form)) {
      asked.set(
        form,
        ask(`${form.action}/new`)
          .then(async (response) => {
            if (response.ok) field.value = part(await response.text()).querySelector("[name=formToken]").value;
          })
          .catch(() => {})
          .finally(() => asked.delete(form)),
      );
    }
    return asked.get(form);
  };
  document.addEventListener("focusin", (event) => {
    const form = event.target.closest("[data-comment-form]");
    if (form) ready(form);
  });

  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-comment-reply]");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    const foot = link.closest(".comment-foot");
    const open = foot.nextElementSibling;
    if (open) {
      open.remove();
      link.removeAttribute("aria-expanded");
      return;
    }
    ask(link.href)
      .then(async (response) => {
        if (!response.ok) throw new Error(String(response.status));
        const form = part(await response.text());
        if (foot.nextElementSibling) return;
        foot.after(form);
        link.setAttribute("aria-expanded", "true");
        form.querySelector("input:not([type=hidden]), textarea").focus();
      })
      .catch(() => location.assign(link.href));
  });

  /* Before the page's other script, which stops a form from being sent twice the plain way. */
  document.addEventListener(
    "submit",
    (event) => {
      const form = event.target;
      if (!form.matches("[data-comment-form]") || !document.querySelector("[data-comments]")) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const button = form.querySelector("button");
      if (button.getAttribute("aria-disabled") === "true") return;
      button.setAttribute("aria-disabled", "true");
      ready(form)
        .then(() => ask(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) }))
        .then(async (response) => {
          if (response.status !== 200 && response.status !== 422) throw new Error(String(response.status));
          const shown = part(await response.text());
          if (response.status === 422) {
            form.replaceWith(shown);
            shown.querySelector("[data-focus]").focus();
            return;
          }
          document.querySelector("[data-comments]").replaceWith(shown);
          const said = shown.querySelector("[data-comment-said]");
          told.textContent = said ? said.textContent : "";
          const made = document.getElementById(response.headers.get("X-Comment") || "") || said;
          if (made) {
            made.focus();
            made.scrollIntoView({ block: "center" });
          }
        })
        .catch(() => HTMLFormElement.prototype.submit.call(form))
        .finally(() => button.removeAttribute("aria-disabled"));
    },
    true,
  );
})();
