// <div id="x" data-live="work" data-live-source="/desk/live" data-live-url="/desk">: renewed from data-live-url
// (or this page) as the channel moves. The channel's address is data-live-source, or /live/<channel>.
//
// A browser opens six connections to a house and a page that listens holds one, so the tabs of a browser listen
// together: whoever holds the lock listens and tells the others. Where there are no locks (plain http on another
// machine), a page listens only while it can be seen.
(() => {
  "use strict";

  const regions = [...document.querySelectorAll("[data-live][id]")];
  if (!regions.length || !window.Chorus) return;

  const SILENCE = 50_000;  // the server says something every 15 seconds
  const LONGEST_REST = 30_000;
  const AGAIN = 10_000;

  // ------------------------------------------------------------------ listening
  const listen = (source, tell) => {
    let events, again, rest = 1000, last = Date.now();
    const open = () => {
      events?.close();
      events = new EventSource(source);
      for (const name of ["open", "change", "beat"]) {
        events.addEventListener(name, () => {
          last = Date.now();
          rest = 1000;
          tell(name);
        });
      }
      events.addEventListener("signed-out", later);
      events.addEventListener("error", () => {
        if (events.readyState === EventSource.CLOSED) later();
        else tell("lost");
      });
    };
    const later = () => {
      events.close();
      tell("lost");
      clearTimeout(again);
      again = setTimeout(open, rest);
      rest = Math.min(rest * 2, LONGEST_REST);
    };
    const watch = setInterval(() => {
      if (Date.now() - last < SILENCE) return;
      last = Date.now();
      tell("lost");
      open();
    }, 5000);
    open();
    return () => {
      clearInterval(watch);
      clearTimeout(again);
      events.close();
    };
  };

  const listenTogether = (source, heard) => {
    const name = `chorus ${source}`;
    const air = new BroadcastChannel(name);
    const quitting = new AbortController();
    let last = Date.now(), changed = 0, stop = null;
    const hear = (what) => {
      last = Date.now();
      if (what === "change") changed = last;
      heard(what);
    };
    // A tab that comes in says since when it is on its way: what changed meanwhile is not on its page.
    air.addEventListener("message", ({ data }) => {
      if (data.since === undefined) hear(data);
      else if (stop && changed >= data.since) air.postMessage("change");
    });
    air.postMessage({ since: performance.timeOrigin });
    const lead = async (options) => {
      try {
        await navigator.locks.request(name, options, () => new Promise((resolve) => {
          const end = listen(source, (what) => {
            air.postMessage(what);
            hear(what);
          });
          stop = () => {
            stop = null;
            end();
            resolve();
          };
        }));
      } catch {
        stop?.();  // another tab has taken over, for it heard nothing of this one
      }
      if (!quitting.signal.aborted) lead({ signal: quitting.signal });
    };
    const watch = setInterval(() => {
      if (stop || document.hidden || Date.now() - last < SILENCE) return;
      last = Date.now();
      lead({ steal: true });
    }, 5000);
    lead({ signal: quitting.signal });
    return () => {
      clearInterval(watch);
      quitting.abort();
      stop?.();
      air.close();
    };
  };

  const listenWhileSeen = (source, heard) => {
    let stop = null;
    const turn = () => {
      if (!document.hidden) stop ??= listen(source, heard);
      else if (stop) {
        stop();
        stop = null;
      }
    };
    document.addEventListener("visibilitychange", turn);
    turn();
    return () => {
      document.removeEventListener("visibilitychange", turn);
      stop?.();
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
    lost: () => ["The connection is lost, so this page may be out of date. It is tried again by itself; what you have typed stays here."],
    out: () => [
      "You are signed out. ",
      link(`/sign-in?to=${encodeURIComponent(here)}`, "Sign in (opens a new tab)", "_blank"),
      ", then come back: what you have typed stays here.",
    ],
    gone: () => ["What this page shows has changed or is gone. ", link(here, "Load the page anew"), "; copy first what you have typed."],
  };
  const show = (outcome) => {
    if (!status || outcome === (trouble ?? "ok")) return;
    clearTimeout(thanks);
    const isWell = outcome === "ok";
    trouble = isWell ? null : outcome;
    status.className = `live-status notice ${isWell ? "is-good" : "is-warn"}`;
    status.replaceChildren(...(isWell ? ["Connected again: this page is up to date."] : SENTENCES[outcome]()));
    if (isWell) {
      thanks = setTimeout(() => {
        status.className = "live-status";
        status.replaceChildren();
      }, 6000);
    }
  };

  // ------------------------------------------------------------------ looking again
  let timer = null, due = 0, isLooking = false, isStale = false;
  const look = async () => {
    timer = null;
    if (document.hidden || isLooking) {
      isStale = true;
      return;
    }
    isStale = false;
    isLooking = true;
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
    if (isStale) soon(150);
    else if (worst !== "ok") soon(AGAIN);
  };
  const soon = (delay) => {
    const then = Date.now() + delay;
    if (timer !== null && due <= then) return;
    clearTimeout(timer);
    due = then;
    timer = setTimeout(look, delay);
  };

  const heard = (what) => {
    if (what === "change") soon(120);
    else if (what === "lost") soon(3000);
    else if (trouble || what === "open") soon(0);  // what changed before was not heard
  };

  // ------------------------------------------------------------------ as long as the page is there
  const sources = new Set(regions.map((one) => one.dataset.liveSource || `/live/${one.dataset.live}`));
  const together = Boolean(navigator.locks && window.BroadcastChannel);
  let stops = [];
  const start = () => {
    stops = [...sources].map((source) => (together ? listenTogether : listenWhileSeen)(source, heard));
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
