// Keeps the agents' pages fresh, sounds when somebody waits, and lets the keyboard do the work. Everything the pages do
// works without it, by forms and reloading.
"use strict";
(() => {
  const SILENCE_MS = 35000; // two missed beats of the stream: the connection is dead, whatever the browser thinks
  const AGAIN_MS = 12000; // between sounds while somebody waits for this agent and nobody looks at the page

  const byId = (id) => document.getElementById(id);
  const all = (what, root = document) => [...root.querySelectorAll(what)];
  const person = () => byId("agent")?.dataset.person ?? "";

  // What is new, from the server.

  let stream = null;
  let heardAt = 0;
  let wasLost = false;
  let writes = false; // the agent writes with the caller of the open call
  let clockAhead = 0; // the server's clock against this one's, in milliseconds

  const connect = () => {
    stream?.close();
    const frame = byId("agent");
    if (!frame) return;
    stream = new EventSource(frame.dataset.events);
    heardAt = Date.now();
    const on = (name, act) => stream.addEventListener(name, (event) => { heard(); act(JSON.parse(event.data)); });
    on("beat", ({ at }) => { clockAhead = Date.parse(at) - Date.now(); tick(); });
    on("pieces", showPieces);
    on("own", showOwn);
    on("words", showWords);
    on("callbacks", () => refresh("callbacks"));
    on("over", ({ why }) => end(why));
    const listening = stream;
    stream.addEventListener("error", () => {
      lose();
      // A browser gives up on an answer that is no stream: a proxy's, or our page for signing in.
      if (listening === stream && stream.readyState === EventSource.CLOSED) setTimeout(lookAgain, 3000);
    });
  };

  const lookAgain = async () => {
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      if (answer.url.includes("/sign-in")) return void location.assign(byId("agent").dataset.signIn);
    } catch { /* still away: connect() says so */ }
    connect();
  };

  const heard = () => {
    heardAt = Date.now();
    if (!wasLost) return;
    wasLost = false;
    byId("lost").hidden = true;
    refresh("callbacks");
  };

  const lose = (why = "lost") => {
    wasLost = true;
    const note = byId("lost");
    if (note) { note.textContent = note.dataset[why]; note.hidden = false; }
  };

  const end = (why) => {
    stream.close();
    if (why === "signed_out") location.assign(byId("agent").dataset.signIn);
    else if (why === "elsewhere") { stream = null; lose("elsewhere"); }
    else setTimeout(connect, 1000);
  };

  const showPieces = (pieces) => {
    const told = byId("head")?.firstElementChild?.dataset.told;
    for (const [id, html] of Object.entries(pieces)) swap(byId(id), html);
    mark();
    tick();
    const now = byId("head")?.firstElementChild?.dataset.told;
    if (told && now && now !== told) announce(now);
  };

  const swap = (place, html) => {
    if (!place) return;
    const focusable = () => all("a, button, input, select, textarea, summary, [tabindex]", place);
    const focused = place.contains(document.activeElement) ? document.activeElement : null;
    const at = focusable().indexOf(focused);
    place.innerHTML = html;
    if (focused) (byId(focused.id) ?? focusable()[at] ?? byId("call-title"))?.focus({ preventScroll: true });
  };

  const showWords = ({ gone, from, html }) => {
    const list = byId("words");
    if (!list) return;
    const follows = list.scrollTop + list.clientHeight >= list.scrollHeight - 40;
    for (let at = 0; at < gone; at++) list.firstElementChild?.remove();
    while (list.children.length > from) list.lastElementChild.remove();
    list.insertAdjacentHTML("beforeend", html);
    if (follows) list.scrollTop = list.scrollHeight;
    if (writes && document.hidden && list.lastElementChild?.matches(".by-caller")) sound();
  };

  const showOwn = ({ status, by, wrap_ups, actions, standing }) => {
    for (const button of all(".status button")) button.setAttribute("aria-pressed", String(button.value === status));
    const note = byId("status-by");
    if (note) note.textContent = note.dataset[by] ?? "";
    const todo = byId("wrap-ups");
    if (todo) {
      todo.hidden = !wrap_ups;
      const link = todo.firstElementChild;
      link.textContent = link.dataset.text.replace("#", wrap_ups);
    }
    if (!actions) return;
    // What two others say is not read out; what is written to this agent is.
    writes = actions.includes("type");
    byId("words")?.setAttribute("aria-live", writes ? "polite" : "off");
    const focused = document.activeElement;
    for (const one of all("[data-when]")) one.hidden = !actions.includes(one.dataset.when);
    const over = byId("over");
    if (over) {
      if (over.hidden && standing === "over") announce(byId("over-title").textContent);
      over.hidden = standing !== "over";
      byId("head").hidden = standing === "over";
    }
    if (focused && focused !== document.body && focused.closest("[hidden]")) (standing === "over" ? over : byId("head")).querySelector("h2").focus();
  };

  // Pages that show other things than the desk fetch themselves when those change; not all of them in the same moment.
  const refresh = async (what) => {
    await new Promise((done) => setTimeout(done, Math.random() * 1000));
    const places = all(`[data-refresh~="${what}"]`);
    if (!places.length) return;
    const fresh = await parsed(location.href);
    if (!fresh) return;
    for (const place of places) {
      const writing = place.contains(document.activeElement) && document.activeElement.matches("input, textarea, select");
      const next = fresh.page.getElementById(place.id);
      if (next && !writing) swap(place, next.innerHTML);
    }
  };

  // New work: the title, a sound, a sentence for screen readers.

  let known = null;

  const mark = () => {
    for (const item of all("li[data-for]")) {
      const yours = item.querySelector(".yours");
      if (yours) yours.hidden = !JSON.parse(item.dataset.for).includes(person());
    }
    const open = location.pathname.split("/").at(-1);
    for (const link of all("a.caller")) {
      if (link.parentElement.dataset.call === open) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    const items = all("li[data-for]");
    if (byId("waiting")) document.title = document.title.replace(/^(\(\d+\) )?/, items.length ? `(${items.length}) ` : "");
    const mine = items.filter((item) => JSON.parse(item.dataset.for).includes(person()));
    const fresh = known && mine.filter((item) => !known.has(item.dataset.call));
    known = new Set(mine.map((item) => item.dataset.call));
    if (!fresh?.length) return;
    announce(fresh.map((item) => item.dataset.new).join(" "));
    sound();
  };

  const announce = (words) => { const place = byId("announcer"); if (place) place.textContent = words; };

  let audio = null;
  let soundedAt = 0;
  const soundIsOn = () => !/(^|; )voicebot-sound=off/.test(document.cookie);
  const wake = () => {
    audio ??= new AudioContext();
    if (audio.state === "suspended") audio.resume().then(sayWhetherSilent, () => {});
    sayWhetherSilent();
  };
  const sayWhetherSilent = () => {
    const note = byId("sound-first");
    if (note) note.hidden = !soundIsOn() || audio?.state === "running";
  };
  const sound = () => {
    soundedAt = Date.now();
    if (!soundIsOn() || audio?.state !== "running") return sayWhetherSilent();
    const loudness = audio.createGain();
    loudness.connect(audio.destination);
    [660, 880].forEach((hertz, at) => {
      const tone = audio.createOscillator();
      const begins = audio.currentTime + at * 0.18;
      tone.frequency.value = hertz;
      tone.connect(loudness);
      tone.start(begins);
      tone.stop(begins + 0.16);
    });
    loudness.gain.setValueAtTime(0, audio.currentTime);
    loudness.gain.linearRampToValueAtTime(0.2, audio.currentTime + 0.02);
    loudness.gain.setValueAtTime(0.2, audio.currentTime + 0.3);
    loudness.gain.linearRampToValueAtTime(0, audio.currentTime + 0.36);
  };
  const setSound = (on) => {
    document.cookie = `voicebot-sound=${on ? "on" : "off"}; Path=/; Max-Age=31536000; SameSite=Lax${location.protocol === "https:" ? "; Secure" : ""}`;
    if (byId("sound")) byId("sound").checked = on;
    sayWhetherSilent();
  };

  // How long, counted up; and the watch over the connection.

  const tick = () => {
    const now = Date.now() + clockAhead;
    for (const time of all("time[data-since]")) {
      const seconds = Math.max(0, Math.floor((now - Date.parse(time.dataset.since)) / 1000));
      const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
      const rest = String(seconds % 60).padStart(2, "0");
      time.textContent = hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
    }
  };
  setInterval(() => {
    tick();
    if (stream && Date.now() - heardAt > SILENCE_MS) { lose(); connect(); }
    if (known?.size && document.hidden && Date.now() - soundedAt > AGAIN_MS) sound();
  }, 1000);

  // Forms, without leaving the page.

  const send = async (form, button) => {
    const sent = new URLSearchParams(new FormData(form));
    if (button?.name) sent.set(button.name, button.value);
    const buttons = all("button", form);
    buttons.forEach((one) => one.setAttribute("aria-disabled", "true"));
    try {
      const answer = await fetch(form.action, { method: "POST", body: sent, headers: { Accept: "application/json" } });
      if (answer.url.includes("/sign-in")) return void location.assign(byId("agent").dataset.signIn);
      if (!answer.headers.get("content-type")?.includes("json")) return answer.ok ? undefined : say(form, false, byId("lost").dataset.notSent);
      const { done, told, next } = await answer.json();
      if (next) return void go(next);
      if (done) for (const field of all("input[name=text]", form)) field.value = "";
      say(form, done, told);
    } catch {
      say(form, false, byId("lost").dataset.notSent);
    } finally {
      buttons.forEach((one) => one.removeAttribute("aria-disabled"));
    }
  };

  const say = (form, done, words) => {
    const told = byId("told");
    if (!told) return;
    told.hidden = !words;
    if (!words) return;
    told.setAttribute("role", done ? "status" : "alert");
    told.classList.toggle("good", done);
    told.textContent = words;
    if (!done) told.scrollIntoView({ block: "nearest" }); // whoever was too late must not wonder
    if (done) form.closest("details")?.removeAttribute("open");
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form[data-live]")) return;
    event.preventDefault();
    if (form.querySelector("[aria-disabled=true]")) return;
    send(form, event.submitter);
  });

  // From caller to caller within one page: a new page would have no sound before somebody touches it.

  const parsed = async (address) => {
    const answer = await fetch(address, { headers: { Accept: "text/html" } }).catch(() => null);
    if (!answer?.headers.get("content-type")?.includes("html")) return null;
    if (answer.url.includes("/sign-in")) return void location.assign(byId("agent").dataset.signIn);
    return { url: answer.url, page: new DOMParser().parseFromString(await answer.text(), "text/html") };
  };

  const go = async (address, push = true) => {
    const fresh = await parsed(address);
    if (!fresh?.page.getElementById("agent")) return void location.assign(address);
    if (push) history.pushState(null, "", fresh.url);
    document.title = fresh.page.title;
    document.body.replaceChildren(...fresh.page.body.children);
    begin();
    byId("call-title")?.focus();
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-open]");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(link.href);
  });
  // Browsers say this of links within a page, too.
  addEventListener("popstate", () => { if (location.pathname !== shownPath) go(location.href, false); });

  // Keys. They can be turned off, and never act while somebody writes (WCAG 2.2, 2.1.4).

  const keysAreOn = () => localStorage.getItem("voicebot-keys") !== "off";
  const move = (by) => {
    const links = all("a.caller");
    const at = links.indexOf(document.activeElement);
    const chosen = links.findIndex((link) => link.hasAttribute("aria-current"));
    links[Math.max(0, Math.min(links.length - 1, (at < 0 ? Math.max(chosen, -1) : at) + by))]?.focus();
  };
  const shown = (place) => (place && !place.closest("[hidden]") ? place : null);
  const keys = {
    j: () => move(1),
    k: () => move(-1),
    a: () => shown(byId("do-accept"))?.click(),
    d: () => { const list = shown(byId("declining")); if (list) { list.open = true; list.querySelector("button").focus(); } },
    o: () => shown(byId("do-take-over"))?.focus(),
    b: () => (shown(byId("type")) ?? shown(byId("tell")))?.focus(),
    l: () => setSound(!soundIsOn()),
  };
  document.addEventListener("keydown", (event) => {
    wake();
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || !keysAreOn()) return;
    if (event.target.matches?.("input:not([type=checkbox]), textarea, select, [contenteditable]")) return;
    const act = byId("tools") && keys[event.key.toLowerCase()];
    if (act) { event.preventDefault(); act(); }
  });
  document.addEventListener("pointerdown", wake);

  document.addEventListener("change", (event) => {
    if (event.target.id === "sound") setSound(event.target.checked);
    if (event.target.id === "keys") localStorage.setItem("voicebot-keys", event.target.checked ? "on" : "off");
  });
  document.addEventListener("click", (event) => { if (event.target.id === "sound-try") sound(); });

  let shownPath = "";
  const begin = () => {
    shownPath = location.pathname;
    writes = false;
    if (byId("tools")) {
      byId("tools").hidden = false;
      byId("sound").checked = soundIsOn();
      byId("keys").checked = keysAreOn();
    }
    const words = byId("words");
    if (words) words.scrollTop = words.scrollHeight;
    mark();
    tick();
    sayWhetherSilent();
    connect();
  };
  // Addresses in the head are relative to the page that brought them; a browser asks for the icon again after each move.
  for (const link of all("link")) link.href = link.href;
  begin();
})();
