// Comfort only: every page does its whole work without this file.
(() => {
  "use strict";

  // Fetches a page of our own and puts its elements with these ids in place of ours.
  const refresh = async (url, ids, signal) => {
    const response = await fetch(url, { signal, headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    for (const id of ids) {
      const ours = document.getElementById(id);
      const theirs = page.getElementById(id);
      if (ours && theirs && ours.innerHTML !== theirs.innerHTML) markFresh(ours, theirs);
    }
    return page;
  };

  // Elements with data-key that were not there before are shown as new; a form somebody is typing in stays.
  const markFresh = (ours, theirs) => {
    if (ours.contains(document.activeElement) && document.activeElement.matches("input, textarea, select")) return;
    const known = new Set([...ours.querySelectorAll("[data-key]")].map((one) => one.dataset.key));
    const next = document.adoptNode(theirs);
    if (known.size) {
      for (const one of next.querySelectorAll("[data-key]")) {
        if (!known.has(one.dataset.key)) one.classList.add("is-fresh");
      }
    }
    ours.replaceChildren(...next.childNodes);
  };

  // <form data-search="#results">: results as one types.
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
          const page = await refresh(`${url}&typing=1`, [region.id], running.signal);
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

  // <div id="x" data-live="entries" data-live-url="/">: refreshed from data-live-url (or this page) as the channel
  // moves. The channel's address is /live/<channel>, or data-live-source.
  const regions = [...document.querySelectorAll("[data-live][id]")];
  const sources = Map.groupBy
    ? Map.groupBy(regions, (one) => one.dataset.liveSource || `/live/${one.dataset.live}`)
    : regions.reduce((all, one) => {
        const source = one.dataset.liveSource || `/live/${one.dataset.live}`;
        return all.set(source, [...(all.get(source) || []), one]);
      }, new Map());
  const open = () => {
    for (const [source, followers] of sources) {
      const events = new EventSource(source);
      let waiting;
      events.addEventListener("change", () => {
        clearTimeout(waiting);
        waiting = setTimeout(() => {
          const pages = new Map();
          for (const one of followers) {
            const url = one.dataset.liveUrl || location.href;
            pages.set(url, [...(pages.get(url) || []), one.id]);
          }
          for (const [url, ids] of pages) refresh(url, ids).catch(() => {});
        }, 120);
      });
      addEventListener("pagehide", () => events.close(), { once: true });
    }
  };
  if (regions.length) {
    open();
    addEventListener("pageshow", (event) => { if (event.persisted) open(); });
  }
})();
