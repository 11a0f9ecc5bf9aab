// Joins the page's parts: what the caller does, what the line says, what is heard and shown.

import { NoMicrophone, askForMicrophone, startCapture, startPlayback } from "./audio.js";
import { openLine } from "./line.js";
import { LANGUAGE_NAMES, preferredLanguage, say as sayIn } from "./texts.js";
import { newTranscript } from "./transcript.js";

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];
const STATES = new Set(["connecting", "listening", "thinking", "speaking", "with_person", "leaving", "ended"]);

const at = (id) => document.getElementById(id);
const { name, languages, privacyPage } = document.documentElement.dataset;
const offered = languages.split(" ");
const privacy = JSON.parse(at("privacy").textContent);

let language = preferredLanguage(navigator.languages ?? [navigator.language], offered);
let call = null; // the one running call: {line, stream, capture, playback, started}
let state = "connecting";
let notice = null; // [text key, values], so that a change of language can say it again

const say = (key, values) => sayIn(language, key, { name, ...values });
const transcript = newTranscript(at("transcript"), at("partial"), say, () => language);

// --- words and looks ---

function writeTexts() {
  document.documentElement.lang = language;
  document.title = say("title");
  for (const part of document.querySelectorAll("[data-text]")) part.textContent = say(part.dataset.text);
  for (const part of document.querySelectorAll("[data-label]")) part.setAttribute("aria-label", say(part.dataset.label));
  for (const part of document.querySelectorAll("[data-placeholder]")) part.placeholder = say(part.dataset.placeholder);
  for (const key of at("keypad").children) key.setAttribute("aria-label", say("key", { key: key.dataset.key }));
  at("privacy-words").textContent = privacy[language] ?? "";
  at("privacy-more").hidden = privacyPage === "";
  at("privacy-more").href = privacyPage.includes(":") ? privacyPage : `${privacyPage}?language=${language}`;
  at("start").disabled = false;
  writeState();
  if (notice !== null) at("notice-words").textContent = say(...notice);
}

function writeState() {
  at("status").dataset.state = state;
  at("status-words").textContent = say(state === "listening" && call?.capture == null ? "state_reading" : `state_${state}`);
}

function setState(next) {
  if (!STATES.has(next)) return;
  state = next;
  writeState();
}

function setPhase(phase) {
  document.body.dataset.phase = phase;
  at("call").hidden = phase === "idle";
}

function showNotice(key, { values = {}, retry = false, calm = false, number = null, department = "" } = {}) {
  notice = [key, values];
  at("notice-words").textContent = say(key, values);
  at("notice").classList.toggle("calm", calm);
  at("retry").hidden = !retry;
  const link = at("notice-number");
  link.hidden = !number;
  if (number) {
    link.href = number.startsWith("sip:") ? number : `tel:${number}`;
    link.textContent = say("call_number", { name: department || name, number });
  }
  at("notice").hidden = false;
}

function hideNotice() {
  notice = null;
  at("notice").hidden = true;
}

function tick() {
  if (call === null) return;
  const seconds = Math.floor((performance.now() - call.started) / 1000);
  at("clock").textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

// --- one call ---

let asked = true; // whether the last start asked for the microphone, so that a retry does the same

async function start(withMicrophone) {
  if (call !== null) return;
  asked = withMicrophone;
  const mine = { line: null, stream: null, capture: null, playback: null, started: performance.now() };
  call = mine;
  hideNotice();
  transcript.empty();
  at("clock").textContent = "0:00";
  setPhase("call");
  setState("connecting");
  try {
    await connect(mine, withMicrophone);
  } catch (fault) {
    if (call !== mine) return;
    finish(fault instanceof NoMicrophone ? fault.reason : "failed");
  }
}

async function connect(mine, withMicrophone) {
  // Both are made inside the caller's click: browsers start sound only then.
  const playing = startPlayback((mark) => mine.line?.played(mark));
  const asking = withMicrophone ? askForMicrophone() : null;
  asking?.catch(() => {}); // it is looked at below, after the loudspeaker
  mine.playback = await playing;
  mine.stream = await asking;
  if (call !== mine) return release(mine);
  mine.playback.sound(at("sound").getAttribute("aria-pressed") === "true");
  if (mine.stream !== null) {
    mine.capture = await startCapture(mine.stream, (pcm, level) => {
      mine.line?.frame(pcm);
      at("status").style.setProperty("--level", Math.min(1, Math.sqrt(level) * 2).toFixed(2));
    });
    mine.capture.mute(at("microphone").getAttribute("aria-pressed") === "false");
  }
  if (call !== mine) return release(mine);
  at("microphone").hidden = mine.stream === null;
  mine.line = openLine({ language, microphone: mine.stream !== null }, handlersOf(mine));
  (mine.stream === null ? at("words") : at("end")).focus();
}

function release(mine) {
  mine.stream?.getTracks().forEach((track) => track.stop());
  mine.capture?.stop();
  mine.playback?.stop();
}

function handlersOf(mine) {
  let passedOn = null;
  return {
    welcome: () => setState("listening"),
    audio: (buffer) => mine.playback.play(buffer),
    mark: (mark) => mine.playback.mark(mark),
    clear: () => mine.playback.clear(),
    caption: show,
    transfer: (number, department) => { passedOn = { number, department }; },
    over: (reason, facts) => {
      if (call !== mine) return;
      if (passedOn) finish("transferred", passedOn);
      else finish(reason, { number: facts.number, department: facts.name });
    },
  };
}

function show(kind, text, details) {
  switch (kind) {
    case "bot": transcript.bot(text, details); break;
    case "caller": transcript.caller(text, details); break;
    case "partial": transcript.partial(text); break;
    case "interrupted": transcript.interrupted(); break;
    case "agent": transcript.agent(text, details); break;
    case "person": transcript.note(say(details.here ? "person_here" : "person_gone", { person: text })); break;
    case "message": transcript.message(text); break;
    case "state": setState(text); break;
  }
}

function finish(reason, { number = null, department = "" } = {}) {
  const mine = call;
  call = null;
  if (mine !== null) release(mine);
  setState("ended");
  const talked = at("transcript").childElementCount > 0;
  setPhase(talked ? "over" : "idle");
  switch (reason) {
    case "transferred":
      showNotice("transfer", { number, department, calm: true });
      break;
    case "caller_hung_up":
    case "we_hung_up":
      showNotice("ended", { calm: true });
      break;
    case "line_lost": showNotice("lost", { retry: true }); break;
    case "too_often":
    case "full": showNotice("busy", { retry: true, number, department }); break;
    case "not_ready":
    case "closed": showNotice("unavailable", { retry: true, number, department }); break;
    case "fault": showNotice("failed", { retry: true, number, department }); break;
    case "no_permission":
    case "no_microphone":
    case "microphone_busy":
    case "insecure":
    case "time_limit":
    case "flood":
    case "wrong_version":
    case "text_too_long":
    case "lost": showNotice(reason, { retry: true }); break;
    default: showNotice("failed", { retry: true, number, department });
  }
  // The keyboard goes on where the caller most likely does: to the number, to another try, or to a new call.
  ["notice-number", "retry", "start"].map(at).find((part) => !part.hidden).focus();
}

// --- what the caller does ---

function press(key) {
  if (call?.line == null) return;
  call.line.key(key);
  transcript.note(say("pressed", { key }));
  const button = [...at("keypad").children].find((one) => one.dataset.key === key);
  button.classList.add("down");
  setTimeout(() => button.classList.remove("down"), 150);
}

function toggle(id, act) {
  at(id).addEventListener("click", () => {
    const on = at(id).getAttribute("aria-pressed") !== "true";
    at(id).setAttribute("aria-pressed", String(on));
    act(on);
  });
}

for (const key of KEYS) {
  const button = document.createElement("button");
  button.type = "button";
  button.dataset.key = key;
  button.textContent = key;
  button.addEventListener("click", () => press(key));
  at("keypad").append(button);
}
for (const one of offered) at("language").append(new Option(LANGUAGE_NAMES[one] ?? one, one, false, one === language));

at("language").addEventListener("change", ({ target }) => {
  language = target.value;
  writeTexts();
});
at("start").addEventListener("click", () => start(true));
at("start-typing").addEventListener("click", () => start(false));
at("retry").addEventListener("click", () => start(asked));
at("end").addEventListener("click", () => {
  if (call?.line) call.line.hangUp();
  else finish("caller_hung_up");
});
at("typing").addEventListener("submit", (submitted) => {
  submitted.preventDefault();
  const words = at("words").value.trim();
  if (words === "" || call?.line == null) return;
  call.line.text(words);
  transcript.typed(words);
  at("words").value = "";
});
at("keypad-toggle").addEventListener("click", () => {
  const open = at("keypad").hidden;
  at("keypad").hidden = !open;
  at("keypad-toggle").setAttribute("aria-expanded", String(open));
});
toggle("sound", (on) => call?.playback?.sound(on));
toggle("microphone", (on) => call?.capture?.mute(!on));
document.addEventListener("keydown", (pressed) => {
  const writing = /^(INPUT|SELECT|TEXTAREA)$/.test(pressed.target.tagName);
  if (writing || pressed.ctrlKey || pressed.metaKey || pressed.altKey || pressed.repeat) return;
  if (KEYS.includes(pressed.key)) press(pressed.key);
});
window.addEventListener("pagehide", () => call?.line?.hangUp());
setInterval(tick, 500);

writeTexts();
