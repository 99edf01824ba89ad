// Comfort only: every page does its whole work without this file.
//
// Parts of a page are renewed from what the server makes anew: what differs is changed in place, so that
// focus, open details, scroll positions and typed words stay, and what somebody types in is never taken away.
(() => {
  "use strict";

  const FIELDS = "input:not([type=hidden]), textarea, select";
  const CONTAINERS = "article, div, fieldset, form, li, section";

  // ------------------------------------------------------------------ <body data-stands-at="/page">
  // A form's deed is done and the answer is a page: the address is that page's, and loading it again does nothing twice.
  const { standsAt } = document.body.dataset;
  if (standsAt) history.replaceState(null, "", standsAt);

  // ------------------------------------------------------------------ what is somebody's
  const isChanged = (field) => {
    if (field.matches("[type=checkbox], [type=radio]")) return field.checked !== field.defaultChecked;
    if (field.matches("select")) {
      const given = [...field.options].filter((one) => one.defaultSelected);
      const chosen = [...field.selectedOptions];
      if (!given.length && !field.multiple && field.options.length) given.push(field.options[0]);
      return chosen.length !== given.length || chosen.some((one) => !given.includes(one));
    }
    return field.value !== field.defaultValue;
  };
  const isInUse = (field) => field === document.activeElement || isChanged(field);
  const isHeld = (node) => node instanceof Element
    && ((node.matches(FIELDS) && isInUse(node)) || [...node.querySelectorAll(FIELDS)].some(isInUse));

  // ------------------------------------------------------------------ one tree made like another
  const keyOf = (node) => {
    if (!(node instanceof Element)) return "";
    if (node.matches("option")) return node.value;
    return node.dataset.key || node.id || node.dataset.form || node.getAttribute("action") || node.getAttribute("name") || "";
  };
  const isSame = (one, other) => one.nodeName === other.nodeName && keyOf(one) === keyOf(other);

  const merge = (ours, theirs) => {
    if (!(ours instanceof Element)) {
      if (ours.data !== theirs.data) ours.data = theirs.data;
      return;
    }
    if (ours.isEqualNode(theirs)) return;
    const mine = (name) => name === "open" && ours.matches("details");
    for (const { name } of [...ours.attributes]) {
      if (!theirs.hasAttribute(name) && !mine(name)) ours.removeAttribute(name);
    }
    for (const { name, value } of theirs.attributes) {
      if (ours.getAttribute(name) !== value && !mine(name)) ours.setAttribute(name, value);
    }
    mergeChildren(ours, theirs);
  };

  const mergeChildren = (ours, theirs) => {
    const spare = [...ours.childNodes].filter((one) => !stays(one));
    const pairs = [...theirs.childNodes].map((next) => {
      const found = spare.findIndex((one) => isSame(one, next));
      return [found < 0 ? null : spare.splice(found, 1)[0], next];
    });
    spare.forEach(leave);
    let here = ours.firstChild;
    const skip = () => { while (here?.dataset && "left" in here.dataset) here = here.nextSibling; };
    for (const [mine, next] of pairs) {
      skip();
      if (mine && mine === here) here = here.nextSibling;
      else place(ours, mine || document.importNode(next, true), here);
      if (mine) merge(mine, next);
    }
  };

  const place = (parent, node, before) => {
    if (node.isConnected && parent.moveBefore) parent.moveBefore(node, before);
    else parent.insertBefore(node, before);
  };

  // What has gone from the server's page goes here too, unless somebody is typing in it.
  const leave = (node) => {
    if (!isHeld(node)) {
      node.remove();
      return;
    }
    for (const inner of node.querySelectorAll("[data-key]")) if (!isHeld(inner)) inner.remove();
    node.dataset.left = "";
    const note = document.createElement("p");
    note.className = "notice is-warn small";
    note.textContent = document.getElementById("live-status")?.dataset.left ?? "";
    const room = node.matches(CONTAINERS) ? node : node.querySelector(CONTAINERS);
    if (room) room.prepend(note);
    else node.before(note);
  };
  const stays = (node) => {
    if (!(node instanceof Element) || !("left" in node.dataset)) return false;
    if (isHeld(node)) return true;
    delete node.dataset.left;
    return false;
  };

  // ------------------------------------------------------------------ a part of the page
  const renew = (ours, theirs) => {
    const known = new Set([...ours.querySelectorAll("[data-key]")].map((one) => one.dataset.key));
    const focused = ours.contains(document.activeElement) ? document.activeElement : null;
    const range = focused?.matches("textarea, input[type=text], input:not([type])")
      ? [focused.selectionStart, focused.selectionEnd] : null;
    mergeChildren(ours, theirs);
    for (const one of known.size ? ours.querySelectorAll("[data-key]") : []) {
      if (!known.has(one.dataset.key)) one.classList.add("is-fresh");
    }
    if (!focused || focused === document.activeElement) return;
    if (focused.isConnected) {
      focused.focus({ preventScroll: true });
      if (range) focused.setSelectionRange(...range);
    } else {
      ours.tabIndex = -1;  // whoever works by keyboard goes on from here, not from the top
      ours.focus({ preventScroll: true });
    }
  };

  // What somebody looks at stays where it is while parts above it come and go; the top of a page stays the top.
  const steadily = (change) => {
    const isSeen = (one) => {
      const { top, bottom } = one.getBoundingClientRect();
      return bottom > 0 && top < innerHeight;
    };
    const marks = scrollY === 0 ? []
      : [document.activeElement, ...document.querySelectorAll("[data-live] [data-key]")]
        .filter((one) => one && one !== document.body && isSeen(one))
        .map((one) => [one, one.getBoundingClientRect().top]);
    change();
    const mark = marks.find(([one]) => one.isConnected);
    if (mark) scrollBy({ top: mark[0].getBoundingClientRect().top - mark[1], behavior: "instant" });
  };

  const take = (page, ids) => steadily(() => {
    for (const id of ids) {
      const ours = document.getElementById(id);
      const theirs = page.getElementById(id);
      if (ours && theirs) renew(ours, theirs);
    }
  });
  const read = async (response) => new DOMParser().parseFromString(await response.text(), "text/html");

  // Renews the elements with these ids from the parts that live of a page of our own. The outcome: "ok", "lost" (no
  // connection, or the server has trouble), "out" (signed out) or "gone" (no such page for this person any more).
  const tags = new Map();
  const refresh = async (url, ids) => {
    try {
      const signal = AbortSignal.timeout?.(20_000);
      const headers = { Accept: "text/html", "Chorus-Live": "1" };
      if (tags.has(url)) headers["If-None-Match"] = tags.get(url);
      const response = await fetch(url, { signal, headers });
      if (response.status === 304) return "ok";
      if (response.status === 401 || new URL(response.url).pathname === "/sign-in") return "out";
      if (response.status === 429 || response.status >= 500) return "lost";
      if (!response.ok) return "gone";
      const part = await read(response);
      take(part, ids);
      tags.set(url, response.headers.get("ETag") || "");
      return "ok";
    } catch {
      return "lost";
    }
  };
  window.Chorus = Object.freeze({ refresh });

  // ------------------------------------------------------------------ <div data-form="why">
  // The parts of the page's one form: Enter presses the part's own button, and the browser's checks are those of its
  // own fields.
  const SENDS = "button:not([type=button])";
  document.addEventListener("keydown", (event) => {
    const part = event.target.matches?.("input:not([type=checkbox], [type=radio])") && event.target.closest("[data-form]");
    if (!part || event.key !== "Enter" || event.isComposing || event.defaultPrevented) return;
    event.preventDefault();
    part.querySelector(SENDS)?.click();
  });
  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    const part = button?.closest("[data-form]");
    if (!part || "unchecked" in button.dataset) return;
    const wrong = [...part.querySelectorAll(FIELDS)].find((field) => !field.checkValidity());
    if (!wrong) return;
    event.preventDefault();
    wrong.reportValidity();
  });
  // What came back as it was typed is somebody's: beside it stands what the page itself says there.
  for (const field of document.querySelectorAll("[data-kept]")) {
    const { value, checked, dataset: { kept } } = field;
    if (field.matches("[type=checkbox], [type=radio]")) {
      field.defaultChecked = kept === "checked";
      field.checked = checked;
      continue;
    }
    if (field.matches("select")) for (const one of field.options) one.defaultSelected = one.value === kept;
    else field.defaultValue = kept;
    field.value = value;
  }

  // ------------------------------------------------------------------ <form data-search="#results">
  for (const form of document.querySelectorAll("form[data-search]")) {
    const input = form.querySelector("input[type=search]");
    const region = document.querySelector(form.dataset.search);
    if (!input || !region) continue;
    let waiting, running, last = input.value.trim();
    input.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(async () => {
        const typed = input.value.trim();
        if (typed === last || typed.length === 1) return;
        last = typed;
        running?.abort();
        running = new AbortController();
        const url = `${form.getAttribute("action")}?${new URLSearchParams(new FormData(form))}`;
        try {
          const page = await read(await fetch(`${url}&typing=1`, { signal: running.signal }));
          take(page, [region.id]);
          if (location.pathname === form.getAttribute("action")) {
            history.replaceState(null, "", url);
            document.title = page.title;
          }
        } catch (problem) {
          if (problem.name !== "AbortError") throw problem;
        }
      }, 160);
    });
  }
})();
