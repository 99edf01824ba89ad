// Keys for rows: <div data-rows> ... <li data-row tabindex="-1"> <h2><a>. j and k go on and back, Enter opens, m marks.
// Where the page has #keys (the desk, unless its reader has switched them off) they hold for the whole page, and
// there are more: they press what stands on the page. Comfort only: links, boxes, buttons and Tab do the same.
(() => {
  "use strict";

  const list = document.querySelector("[data-rows]");
  const help = document.getElementById("keys");
  if (!list && !help) return;

  const PLACE = `chorus row ${location.pathname}`;
  const NEXT = "chorus key";
  const LINK = "h2 a, h3 a";
  const rows = () => [...(list?.querySelectorAll("[data-row]") ?? [])];
  const isTyping = (node) => node.matches("input:not([type=checkbox]), textarea, select, [contenteditable]");
  const isPlain = (event) => !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping(event.target);

  const enter = () => {
    const [first] = rows();
    if (first && !list.querySelector("[data-row][tabindex='0']")) first.tabIndex = 0;
  };
  const go = (to) => {
    if (!to) return;
    for (const row of rows()) row.tabIndex = row === to ? 0 : -1;
    to.focus();
    to.scrollIntoView({ block: "nearest" });
  };

  // Says whether the key was one of a list.
  const inList = (event) => {
    const all = rows();
    const here = event.target.closest("[data-row]");
    const at = all.indexOf(here);
    if (event.key === "j") go(all[at + 1]);
    else if (event.key === "k") go(all[at - 1]);
    else if (event.key === "m") here?.querySelector("input[type=checkbox]")?.click();
    else if (event.key === "Enter" && here && event.target === here) here.querySelector(LINK)?.click();
    else return false;
    return true;
  };

  // What a question's page and a row of a list have for a key: the row's link leads to the page, which goes on there.
  const SPOTS = { answer: "#f-text", note: "#f-note", refer: "#f-colleague" };
  const toSpot = (name, here) => {
    if (here) {
      sessionStorage.setItem(NEXT, name);
      here.querySelector(LINK)?.click();
      return;
    }
    const spot = document.querySelector(SPOTS[name]);
    spot?.focus();
    spot?.scrollIntoView({ block: "center" });
  };
  const press = (button, here) => (here ?? (list ? null : document))?.querySelector(button)?.click();
  const search = () => {
    const field = document.querySelector("input[type=search]");
    if (field) field.focus();
    else location.assign("/search#q");
  };
  const publish = (event) => {
    const by = event.target.dataset?.sentBy;
    const part = event.target.closest("#answer");
    if (!by && !part) return;
    event.preventDefault();
    if (by) {
      document.querySelector(by).click();
      return;
    }
    const send = part.querySelector("button").cloneNode();
    Object.assign(send, { value: "send", hidden: true });
    part.append(send);
    send.click();
    send.remove();
  };

  const atDesk = (event) => {
    if (document.querySelector("dialog[open]")) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.repeat) publish(event);
    if (!isPlain(event)) return;
    const here = event.target.closest("[data-row]");
    if (event.key === "r") toSpot("answer", here);
    else if (event.key === "e") toSpot("refer", here);
    else if (event.key === "n") toSpot("note", here);
    else if (event.key === "p") press("[formaction$='/pass'], form[action$='/pass'] button", here);
    else if (event.key === "c") press("[data-claims]", here);
    else if (event.key === "/") search();
    else if (event.key === "?") help.showModal();
    else if (!inList(event)) return;
    event.preventDefault();
  };

  if (help) {
    document.addEventListener("keydown", atDesk);
    document.getElementById("show-keys")?.addEventListener("click", () => help.showModal());
    const next = sessionStorage.getItem(NEXT);
    sessionStorage.removeItem(NEXT);
    if (next && !list) toSpot(next);
  } else {
    list.addEventListener("keydown", (event) => {
      if (isPlain(event) && inList(event)) event.preventDefault();
    });
  }

  if (list) {
    // Whoever settles a row comes back to the page: they go on at the row that stands in its place.
    document.addEventListener("submit", (event) => {
      const row = (event.submitter ?? event.target).closest("[data-row]");
      if (row && list.contains(row)) sessionStorage.setItem(PLACE, rows().indexOf(row));
    });
    const left = sessionStorage.getItem(PLACE);
    sessionStorage.removeItem(PLACE);
    if (left !== null) go(rows()[Math.min(Number(left), rows().length - 1)]);

    // The list is renewed in place while it is open.
    new MutationObserver(enter).observe(list, {
      childList: true, subtree: true, attributeFilter: ["tabindex"],
    });
    enter();
  }
  for (const told of document.querySelectorAll("[data-keys]")) told.hidden = false;
})();
