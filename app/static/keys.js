// Keys in a list of rows, for whoever has the focus in it: <div data-rows> ... <li data-row tabindex="-1"> <h3><a>.
// j and k go on and back, Enter opens, x chooses. Comfort only: links, boxes and Tab do the same.
(() => {
  "use strict";

  const list = document.querySelector("[data-rows]");
  if (!list) return;

  const PLACE = `chorus row ${location.pathname}`;
  const rows = () => [...list.querySelectorAll("[data-row]")];
  const isTyping = (node) => node.matches("input:not([type=checkbox]), textarea, select, [contenteditable]");

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

  list.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const all = rows();
    const here = event.target.closest("[data-row]");
    const at = all.indexOf(here);
    if (event.key === "j") go(all[at + 1]);
    else if (event.key === "k") go(all[at - 1]);
    else if (event.key === "m") here?.querySelector("input[type=checkbox]")?.click();
    else if (event.key === "Enter" && event.target === here) here.querySelector("h3 a, h2 a")?.click();
    else return;
    event.preventDefault();
  });

  // Whoever settles a row comes back to the page: they go on at the row that stands in its place.
  list.addEventListener("submit", (event) => {
    const row = event.target.closest("[data-row]");
    if (row) sessionStorage.setItem(PLACE, rows().indexOf(row));
  });
  const left = sessionStorage.getItem(PLACE);
  sessionStorage.removeItem(PLACE);
  if (left !== null) go(rows()[Math.min(Number(left), rows().length - 1)]);

  // The list is renewed in place while it is open.
  new MutationObserver(enter).observe(list, {
    childList: true, subtree: true, attributeFilter: ["tabindex"],
  });
  enter();
  for (const told of document.querySelectorAll("[data-keys]")) told.hidden = false;
})();
