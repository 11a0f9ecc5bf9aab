// The written side of the call: who said what, and discreetly how sure we are and how fast it went.

import { knows } from "./texts.js";

// A stage faster than this is no answer to "what took so long?".
const LEAST_MS = 10;
const WORTH_SHOWING = /^[a-z_]+$/;

/** One value as people read it: a share as per cent, milliseconds as seconds. */
function figure(key, value, language) {
  if (typeof value !== "number") return String(value);
  const options = key === "confidence" ? { style: "percent" } : { maximumFractionDigits: 2 };
  return new Intl.NumberFormat(language, options).format(value);
}

/** The details of a caption as short phrases: how sure, how fast in each stage, which article. */
export function facts(details, language, say) {
  const found = [];
  for (const [key, value] of Object.entries(details ?? {})) {
    if (value === null || value === "" || key === "language" || !WORTH_SHOWING.test(key)) continue;
    if (key === "stages") {
      for (const [stage, ms] of Object.entries(value).filter(([, ms]) => ms >= LEAST_MS)) {
        const name = knows(`stage_${stage}`) ? say(`stage_${stage}`) : stage;
        found.push(`${name} ${figure(stage, ms / 1000, language)} s`);
      }
    } else if (typeof value === "number" || typeof value === "string") {
      const known = key === "confidence" || key === "article";
      found.push(`${known ? say(key) : key.replaceAll("_", " ")} ${figure(key, value, language)}`);
    }
  }
  return found;
}

/** An address as a link that leaves this page open; anything else as text. */
function linked(part) {
  if (!/^https:/.test(part)) return part;
  const link = document.createElement("a");
  link.href = part;
  link.textContent = part;
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  return link;
}

/** The transcript on the page. `say` gives the page's texts in the language of the moment. */
export function newTranscript(list, partial, say, languageNow) {
  new ResizeObserver(toTheEnd).observe(list);
  let lastBot = null;
  let typed = []; // lines shown when they were typed, waiting for the bot's own caption of them

  function toTheEnd() {
    list.scrollTop = list.scrollHeight;
  }

  function add(who, words, language, by = say(who === "bot" ? "bot" : "you")) {
    const item = document.createElement("li");
    item.className = who;
    if (who !== "note") {
      const name = document.createElement("span");
      name.className = "who";
      name.textContent = by;
      item.append(name);
    }
    item.append(sentence(words, language));
    list.append(item);
    toTheEnd();
    return item;
  }

  /** Words in a language of their own: a screen reader then reads them with the right voice. */
  function sentence(words, language) {
    const text = document.createElement("span");
    text.className = "words";
    text.textContent = words;
    if (language) text.lang = language;
    return text;
  }

  function explain(item, details) {
    const lines = facts(details, languageNow(), say);
    if (lines.length === 0) return;
    const box = document.createElement("details");
    const summary = document.createElement("summary");
    summary.textContent = say("details");
    const body = document.createElement("span");
    body.className = "facts";
    body.textContent = lines.join(" · ");
    box.append(summary, body);
    item.append(box);
    toTheEnd();
  }

  function showPartial(words) {
    partial.hidden = words === "";
    partial.textContent = words;
  }

  return {
    bot(words, details) {
      const goesOn = lastBot !== null && lastBot === list.lastElementChild && !lastBot.classList.contains("interrupted");
      if (goesOn) {
        const before = [...lastBot.querySelectorAll(".words")].at(-1);
        before.after(" ", sentence(words, details?.language));
        toTheEnd();
      } else {
        lastBot = add("bot", words, details?.language);
        explain(lastBot, details);
      }
    },
    caller(words, details) {
      showPartial("");
      const waiting = typed.findIndex((line) => line.words === words);
      const item = waiting >= 0 ? typed.splice(waiting, 1)[0].item : add("caller", words, details?.language);
      explain(item, details);
    },
    agent(words, details) { add("agent", words, undefined, details?.agent); },
    typed(words) { typed.push({ words, item: add("caller", words) }); },
    partial: showPartial,
    interrupted() {
      if (lastBot === null) return;
      lastBot.classList.add("interrupted");
      lastBot.querySelector(".who").textContent = `${say("bot")} (${say("interrupted")})`;
    },
    note(words) { add("note", words); },
    message(words) {
      const item = add("note", "");
      for (const part of words.split(/(https:\S+)/)) item.lastElementChild.append(linked(part));
      toTheEnd();
    },
    empty() {
      list.replaceChildren();
      showPartial("");
      lastBot = null;
      typed = [];
    },
  };
}
