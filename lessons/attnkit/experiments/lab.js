// An experiment: screens in a row, keys, and times that are taken here, where both are. See lab.py.
//
// A time runs from the frame that shows the picture to the key press, both by the browser's own
// clock (performance.now): nothing of it travels to the kernel before the trial is over.

const HALF_A_FRAME = 8; // milliseconds: a screen ends with the frame that is nearest to its time

const frame = () => new Promise(requestAnimationFrame);

function made(name, parent, text = "", style = "") {
  const element = document.createElement(name);
  element.textContent = text;
  element.style.cssText = style;
  parent.append(element);
  return element;
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.length ? sorted[sorted.length >> 1] : null;
}

function render({ model, el }) {
  const stop = new AbortController();
  const wide = "max-width:32em;line-height:1.5;";
  if (model.get("hides")) made("style", el, `.${model.get("hides")} {display: none}`);
  const told = made("p", el, "", wide);
  told.innerHTML = `<b>${model.get("title")}.</b> ${model.get("tells")} <b>Escape</b> stops.`;
  const buttons = made("div", el, "", "display:flex;gap:.6em;flex-wrap:wrap;margin:.4em 0");
  const begin = made("button", buttons, "Begin");
  const erase = made("button", buttons, "Delete my trials");
  for (const button of [begin, erase]) button.className = "jupyter-button widget-button";
  const says = made("div", el, "", wide);
  says.setAttribute("role", "status");
  const stage = made("div", el, "", "max-width:480px;min-height:360px;display:none;outline-offset:3px");
  stage.tabIndex = 0;
  stage.className = "attnkit-stage";
  stage.setAttribute("role", "application");
  stage.setAttribute("aria-label", `${model.get("title")}: answer with the keys named above`);
  stage.setAttribute("data-lm-suppress-shortcuts", "true"); // JupyterLab takes keys for itself
  made("small", el, model.get("where"), `${wide}opacity:.75;display:block`);

  let running = null; // what a run in progress listens with: {key, end}
  let frames = [];

  const listen = (target, name, act) => target.addEventListener(name, act, { signal: stop.signal });

  function count() {
    erase.disabled = model.get("kept") === 0;
    erase.title = `${model.get("kept")} rows are kept`;
  }

  /** Show a picture, to be answered by `key`. Gives the time of the frame in which it is there. */
  async function put(picture, key) {
    await frame();
    stage.innerHTML = picture;
    running.key = key;
    return frame(); // the frame after the one that drew it
  }

  /** One screen, until its time is up or a key ends it. */
  async function show(screen, answer) {
    let ended = false;
    const begun = await put(screen.picture, (key, at) => {
      const says = screen.keys[key];
      if (says === undefined) return false;
      if (screen.asks && answer.said === "") {
        answer.said = says;
        answer.at = at;
      }
      ended = !screen.stays;
      return true;
    });
    if (screen.asks && answer.begun === null) answer.begun = begun;
    if (screen.text) return write(screen, answer, begun);
    let last = begun;
    while (!ended && !running.over && (screen.ms === null || last - begun < screen.ms - HALF_A_FRAME)) {
      const now = await frame();
      frames.push(now - last);
      last = now;
    }
    running.key = null;
  }

  /** A screen on which words are typed. */
  async function write(screen, answer, begun) {
    const line = made("div", stage, "", "display:flex;gap:.5em");
    const box = made("input", line, "", "font-size:1.2em;width:14em");
    box.setAttribute("aria-label", "a word; Enter takes it");
    box.autocomplete = "off";
    box.spellcheck = false;
    const done = made("button", line, "No more");
    const list = made("p", stage, "");
    let ended = false;
    box.addEventListener("keydown", event => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      event.stopPropagation();
      const word = box.value.trim();
      if (word === "") return;
      answer.words.push([word, (event.timeStamp - begun) / 1000]);
      list.textContent = `${list.textContent} ${word}`;
      box.value = "";
    });
    done.addEventListener("click", () => { ended = true; });
    box.focus();
    while (!ended && !running.over && performance.now() - begun < screen.ms) await frame();
    stage.focus();
  }

  async function run(plan) {
    running = { key: null, over: "" };
    told.hidden = true;
    buttons.style.display = "none";
    stage.style.display = "block";
    says.textContent = "";
    stage.focus();
    for (const [number, screens] of plan.entries()) {
      const answer = { begun: null, said: "", at: null, words: [] };
      frames = [];
      for (const screen of screens) if (!running.over) await show(screen, answer);
      if (running.over) break;
      const { begun, said, at, words } = answer;
      const seconds = at === null ? null : Math.max(0, at - begun) / 1000;
      model.send({ trial: number, said, seconds, words, frame: median(frames) });
    }
    says.textContent = running.over || "Done. Run the next cell to see your trials.";
    running = null;
    stage.replaceChildren();
    stage.style.display = "none";
    told.hidden = false;
    buttons.style.display = "flex";
    begin.focus();
  }

  function end(why) {
    if (running && !running.over) running.over = `${why} What was answered is kept.`;
  }

  listen(stage, "keydown", event => {
    if (!running) return;
    if (event.key === "Escape") end("Stopped.");
    else if (event.repeat || !running.key?.(event.key.toLowerCase(), event.timeStamp)) return;
    event.preventDefault();
    event.stopPropagation();
  });
  listen(stage, "focusout", event => {
    if (!stage.contains(event.relatedTarget)) end("Stopped, as something else was clicked on.");
  });
  listen(document, "visibilitychange", () => {
    if (document.hidden) end("Stopped, as the page was out of sight.");
  });
  listen(begin, "click", () => {
    begin.disabled = true;
    says.textContent = "One moment …";
    model.send({ do: "begin" });
  });
  listen(erase, "click", () => {
    if (window.confirm("Delete all your trials of this experiment?")) model.send({ do: "delete" });
  });
  const started = () => {
    begin.disabled = false;
    if (!running && model.get("plan").length) run(model.get("plan"));
  };
  model.on("change:plan", started);
  model.on("change:kept", count);
  count();
  return () => {
    end("Stopped.");
    model.off("change:plan", started);
    model.off("change:kept", count);
    stop.abort();
  };
}

export default { render };
