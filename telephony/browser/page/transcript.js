// The written side of the call: who said what, and discreetly how sure we are and how fast it went.

const WORTH_SHOWING = /^[a-z_]+$/;

/** One number as people read it: a share as per cent, milliseconds as seconds. */
function figure(key, value, language) {
  if (key === "confidence" && typeof value === "number") {
    return new Intl.NumberFormat(language, { style: "percent" }).format(value);
  }
  if (key.endsWith("_ms") && typeof value === "number") {
    return new Intl.NumberFormat(language, { maximumFractionDigits: 2 }).format(value / 1000) + " s";
  }
  return typeof value === "number" ? new Intl.NumberFormat(language).format(value) : String(value);
}

/** The details of a caption as short phrases, nested groups (a latency per stage) opened up. */
export function facts(details, language, say) {
  const found = [];
  for (const [key, value] of Object.entries(details ?? {})) {
    if (value === null || value === undefined || !WORTH_SHOWING.test(key)) continue;
    if (typeof value === "object") found.push(...facts(value, language, say));
    else {
      const known = key === "confidence" || key === "article";
      found.push(`${known ? say(key) : key.replace(/_ms$/, "").replaceAll("_", " ")} ${figure(key, value, language)}`);
    }
  }
  return found;
}

/** The transcript on the page. `say` gives the page's texts in the language of the moment. */
export function newTranscript(list, partial, say, languageNow) {
  new ResizeObserver(toTheEnd).observe(list);
  let lastBot = null;
  let typed = []; // lines shown when they were typed, waiting for the bot's own caption of them

  function toTheEnd() {
    list.scrollTop = list.scrollHeight;
  }

  function add(who, words) {
    const item = document.createElement("li");
    item.className = who;
    if (who !== "note") {
      const name = document.createElement("span");
      name.className = "who";
      name.textContent = say(who === "bot" ? "bot" : "you");
      item.append(name);
    }
    const text = document.createElement("span");
    text.className = "words";
    text.textContent = words;
    item.append(text);
    list.append(item);
    toTheEnd();
    return item;
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
      lastBot = add("bot", words);
      explain(lastBot, details);
    },
    caller(words, details) {
      showPartial("");
      const waiting = typed.findIndex((line) => line.words === words);
      const item = waiting >= 0 ? typed.splice(waiting, 1)[0].item : add("caller", words);
      explain(item, details);
    },
    typed(words) { typed.push({ words, item: add("caller", words) }); },
    partial: showPartial,
    interrupted() {
      if (lastBot === null) return;
      lastBot.classList.add("interrupted");
      lastBot.querySelector(".who").textContent = `${say("bot")} (${say("interrupted")})`;
    },
    note(words) { add("note", words); },
    empty() {
      list.replaceChildren();
      showPartial("");
      lastBot = null;
      typed = [];
    },
  };
}
