// <div id="x" data-live="mine" data-live-source="/desk/live" data-live-url="/desk">: renewed from data-live-url (or
// this page) as the topic moves. What a name stands for, for whoever is signed in, the server knows; the topics'
// address is data-live-source, or /live/<name>. <body data-seen> is up to which change the page shows everything.
//
// A browser opens six connections to a house and a page that listens holds one, so the tabs of a browser listen
// together: whoever holds the lock listens for all of them and tells the others. Where there are no locks (plain
// http on another machine), a page listens only while it can be seen.
(() => {
  "use strict";

  const regions = [...document.querySelectorAll("[data-live][id]")];
  if (!regions.length || !window.Chorus) return;

  const SILENCE = 50_000;  // the server says something every 15 seconds
  const LONGEST_REST = 30_000;
  const AGAIN = 10_000;
  const BETWEEN = 1000;  // from one look to the next
  const MOST_TABS = 40;
  const seen = Number(document.body.dataset.seen) || 0;

  // ------------------------------------------------------------------ listening
  // Tells { what, names, seq, all }: "change" with the names that moved, "open", "beat" or "lost"; what has been
  // heard up to seq, for all these names.
  const listen = (source, names, since, tell) => {
    let wanted = [...new Set(names)], all = [], seq = since, back = Infinity;
    let events, again, isOpening = false, rest = 1000, last = Date.now();
    const say = (what, moved = []) => tell({ what, names: moved, seq, all });
    const openIn = (delay) => {
      clearTimeout(again);
      isOpening = true;
      again = setTimeout(open, delay);
    };
    const open = () => {
      isOpening = false;
      events?.close();
      all = wanted;
      seq = Math.min(seq, back);
      back = Infinity;
      const query = new URLSearchParams({ since: seq });
      for (const name of all) query.append("watch", name);
      events = new EventSource(`${source}?${query}`);
      for (const what of ["open", "change", "beat"]) {
        events.addEventListener(what, ({ data, lastEventId }) => {
          last = Date.now();
          rest = 1000;
          seq = Number(lastEventId) || seq;
          say(what, what === "change" ? data.split(" ") : []);
        });
      }
      events.addEventListener("signed-out", later);
      events.addEventListener("error", () => {
        if (events.readyState === EventSource.CLOSED) later();
        else say("lost");
      });
    };
    const later = () => {
      events.close();
      say("lost");
      openIn(rest);
      rest = Math.min(rest * 2, LONGEST_REST);
    };
    const watch = setInterval(() => {
      if (Date.now() - last < SILENCE) return;
      last = Date.now();
      say("lost");
      openIn(0);
    }, 5000);
    // From now on for these names; of ``added`` everything that has moved since then is told.
    const want = (names, added, from) => {
      wanted = [...new Set(names)];
      if (from >= seq && added.every((one) => all.includes(one))) return;
      back = Math.min(back, from);
      if (!isOpening) openIn(50);
    };
    openIn(0);
    return {
      want,
      end: () => {
        clearInterval(watch);
        clearTimeout(again);
        events?.close();
      },
    };
  };

  const listenTogether = (source, names, heard) => {
    const name = `chorus ${source}`;
    const me = `${Math.random()}`;
    const air = new BroadcastChannel(name);
    const quitting = new AbortController();
    const tabs = new Map();  // the other tabs' names, as far as this one listens for them
    let seq = seen, last = Date.now(), line = null, release = null;
    const ask = () => air.postMessage({ from: me, wants: names, seq });
    const hear = (told) => {
      last = Date.now();
      const isForUs = names.every((one) => told.all.includes(one));
      if (isForUs) seq = told.seq;
      else if (told.what !== "lost") ask();  // it does not listen for this tab yet
      if (isForUs || told.what === "lost") heard(told.what, told.names);
    };
    air.addEventListener("message", ({ data }) => {
      if (data.told) hear(data.told);
      else if (data.calls) ask();
      else if (data.leaves) tabs.delete(data.from);
      else if (line) {
        tabs.delete(data.from);
        tabs.set(data.from, data.wants);
        if (tabs.size > MOST_TABS) tabs.delete(tabs.keys().next().value);
        line.want([...names, ...[...tabs.values()].flat()], data.wants, data.seq);
      }
    });
    const lead = async (options) => {
      try {
        await navigator.locks.request(name, options, () => new Promise((resolve) => {
          line = listen(source, names, seq, (told) => {
            air.postMessage({ told });
            hear(told);
          });
          release = () => {
            line.end();
            line = null;
            resolve();
          };
          air.postMessage({ calls: true });
        }));
      } catch {
        if (line) release();  // another tab has taken over, for it heard nothing of this one
      }
      if (!quitting.signal.aborted) lead({ signal: quitting.signal });
    };
    const watch = setInterval(() => {
      if (line || document.hidden || Date.now() - last < SILENCE) return;
      last = Date.now();
      lead({ steal: true });
    }, 5000);
    ask();
    lead({ signal: quitting.signal });
    return () => {
      clearInterval(watch);
      air.postMessage({ from: me, leaves: true });
      quitting.abort();
      if (line) release();
      air.close();
    };
  };

  const listenWhileSeen = (source, names, heard) => {
    let line = null, seq = seen;
    const turn = () => {
      if (!document.hidden) {
        line ??= listen(source, names, seq, (told) => {
          seq = told.seq;
          heard(told.what, told.names);
        });
      } else if (line) {
        line.end();
        line = null;
      }
    };
    document.addEventListener("visibilitychange", turn);
    turn();
    return () => {
      document.removeEventListener("visibilitychange", turn);
      line?.end();
    };
  };

  // ------------------------------------------------------------------ saying how it is
  const status = document.getElementById("live-status");
  let trouble = null, thanks;
  const link = (href, text, target) => {
    const anchor = document.createElement("a");
    anchor.href = href;
    anchor.textContent = text;
    if (target) Object.assign(anchor, { target, rel: "noopener" });
    return anchor;
  };
  const here = location.pathname + location.search;
  const SENTENCES = {
    ok: ({ well }) => [well],
    lost: ({ lost }) => [lost],
    out: ({ out, signIn }) => [out, " ", link(`/sign-in?to=${encodeURIComponent(here)}`, signIn, "_blank")],
    gone: ({ gone, load }) => [gone, " ", link(here, load)],
  };
  const show = (outcome) => {
    if (!status || outcome === (trouble ?? "ok")) return;
    clearTimeout(thanks);
    const isWell = outcome === "ok";
    trouble = isWell ? null : outcome;
    status.className = `live-status notice ${isWell ? "is-good" : "is-warn"}`;
    status.replaceChildren(...SENTENCES[outcome](status.dataset));
    if (isWell) {
      thanks = setTimeout(() => {
        status.className = "live-status";
        status.replaceChildren();
      }, 6000);
    }
  };

  // ------------------------------------------------------------------ looking again
  let timer = null, due = 0, looked = 0, isLooking = false, isStale = false;
  const look = async () => {
    timer = null;
    if (document.hidden || isLooking) {
      isStale = true;
      return;
    }
    isStale = false;
    isLooking = true;
    looked = Date.now();
    const pages = new Map();
    for (const one of regions) {
      const url = one.dataset.liveUrl || location.href;
      pages.set(url, [...(pages.get(url) || []), one.id]);
    }
    let worst = "ok";
    for (const [url, ids] of pages) {
      const outcome = await window.Chorus.refresh(url, ids);
      if (outcome !== "ok") worst = outcome;
    }
    isLooking = false;
    show(worst);
    if (isStale) shortly();
    else if (worst !== "ok") soon(AGAIN);
  };
  const soon = (delay) => {
    const then = Date.now() + delay;
    if (timer !== null && due <= then) return;
    clearTimeout(timer);
    due = then;
    timer = setTimeout(look, delay);
  };
  // Not all pages at the same moment, and none without a rest.
  const shortly = () => soon(Math.max(50 + Math.random() * 200, looked + BETWEEN - Date.now()));

  const heard = (what) => {
    if (what === "change") shortly();
    else if (what === "lost") soon(3000);
    else if (trouble) soon(0);
  };

  // ------------------------------------------------------------------ as long as the page is there
  const sources = new Map();
  for (const { dataset } of regions) {
    const source = dataset.liveSource || `/live/${dataset.live}`;
    sources.set(source, [...new Set([...(sources.get(source) || []), dataset.live])]);
  }
  const together = Boolean(navigator.locks && window.BroadcastChannel);
  let stops = [];
  const start = () => {
    stops = [...sources].map(([source, names]) => (together ? listenTogether : listenWhileSeen)(
      source, names, (what, moved) => {
        if (what !== "change" || moved.some((one) => names.includes(one))) heard(what);
      },
    ));
  };
  addEventListener("pagehide", () => stops.forEach((stop) => stop()));
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    start();
    soon(0);
  });
  addEventListener("offline", () => show("lost"));
  addEventListener("online", () => soon(0));
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && (isStale || trouble)) soon(0);
  });
  start();
})();
