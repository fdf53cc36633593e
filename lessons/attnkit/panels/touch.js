// What of a panel's picture a hand, or the keyboard, can take hold of. Python draws the picture, here
// or elsewhere: this only finds it in the page, and tells where the pointer is. See touch.py.

const MARKS = "attnkit-touched";
const SVG = "http://www.w3.org/2000/svg";
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function render({ model, el }) {
  const stop = new AbortController();
  const says = document.createElement("div");
  says.setAttribute("aria-live", "polite");
  says.style.cssText = "font-size:var(--jp-ui-font-size1,13px);opacity:.75;line-height:1.5";
  says.textContent = model.get("hint");
  el.append(says);
  let host = null;
  let watcher = null;
  let frame = 0;
  let dragging = false;
  let cell = null; // {map, row, key}: the one that is pointed at

  const picture = () => host.querySelector("svg[role=img]");
  const cells = () => JSON.parse(picture()?.dataset.cells ?? "null");
  const listen = (name, act) => host.addEventListener(name, act, { signal: stop.signal });

  /** Where an event is, in the picture's own units. */
  function place(event) {
    const scale = picture()?.getScreenCTM();
    if (!scale) return null;
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(scale.inverse());
    return [point.x, point.y];
  }

  function inside(point) {
    const [left, top, wide, high] = model.get("area");
    return point && point[0] >= left && point[0] <= left + wide
      && point[1] >= top && point[1] <= top + high;
  }

  function cell_at(point, all) {
    for (const [map, { x, y, w }] of all.maps.entries()) {
      const row = Math.floor((point[1] - y) / all.cell);
      const key = Math.floor((point[0] - x) / all.cell);
      if (w[row]?.[key] !== undefined) return { map, row, key };
    }
    return null;
  }

  function add(group, name, attributes) {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    group.append(made);
    return made;
  }

  /** Frame the cell that is pointed at, with its number beside it, and say both in words. */
  function mark() {
    const svg = picture();
    svg?.querySelector(`.${MARKS}`)?.remove();
    const all = cells();
    const map = cell && all?.maps[cell.map];
    const weight = map?.w[cell.row]?.[cell.key];
    if (weight === undefined) {
      cell = null;
      says.textContent = model.get("hint");
      return;
    }
    const [row, key] = [all.rows[cell.row], all.keys[cell.key]];
    const words = `${row} → ${key}: ${weight}`;
    says.textContent = map.name ? `${map.name}, ${words}` : words;
    const group = document.createElementNS(SVG, "g");
    group.setAttribute("class", MARKS);
    group.style.pointerEvents = "none";
    svg.append(group);
    const [x, y] = [map.x + cell.key * all.cell, map.y + cell.row * all.cell];
    add(group, "rect", { x, y, width: all.cell, height: all.cell, fill: "none",
      style: `stroke:${all.ink};stroke-width:2` });
    const paper = add(group, "rect", { rx: 3, height: 17,
      style: `fill:${all.paper};stroke:${all.ink};stroke-width:.8` });
    const text = add(group, "text", { style: `font-size:10px;fill:${all.ink}` });
    text.textContent = words;
    const wide = text.getComputedTextLength() + 12;
    const most = svg.viewBox.baseVal.width - wide - 1;
    const left = Math.max(1, Math.min(x + all.cell / 2 - wide / 2, most));
    const top = y > 22 ? y - 21 : y + all.cell + 4;
    paper.setAttribute("x", left);
    paper.setAttribute("y", top);
    paper.setAttribute("width", wide);
    text.setAttribute("x", left + 6);
    text.setAttribute("y", top + 12);
  }

  function point_at(next) {
    if (JSON.stringify(next) === JSON.stringify(cell)) return;
    cell = next;
    mark();
  }

  function tell(point) {
    model.set("point", point);
    model.save_changes();
  }

  function moved(event) {
    const point = place(event);
    if (!point) return;
    if (dragging) return tell(point);
    const all = cells();
    if (all) point_at(cell_at(point, all));
    host.style.cursor = inside(point) ? "grab" : cell ? "pointer" : "";
  }

  function pressed(event) {
    const point = place(event);
    if (event.button !== 0 || !point) return;
    if (inside(point)) {
      dragging = true;
      host.setPointerCapture(event.pointerId);
      tell(point);
    } else if (cell) {
      model.send({ row: cell.row, key: cell.key });
    }
  }

  function typed(event) {
    const way = ARROWS[event.key];
    const all = cells();
    if (way && model.get("area").length) {
      model.send({ by: way.map(step => step * (event.shiftKey ? 4 : 1)) });
    } else if (way && all) {
      const now = cell ?? { map: 0, row: 0, key: 0 };
      const w = all.maps[now.map].w;
      const row = Math.max(0, Math.min(now.row + (cell ? way[1] : 0), w.length - 1));
      const key = Math.max(0, Math.min(now.key + (cell ? way[0] : 0), w[0].length - 1));
      point_at({ map: now.map, row, key });
    } else if (event.key === "Enter" && cell) {
      model.send({ row: cell.row, key: cell.key });
    } else if (event.key === "Escape" && cell) {
      point_at(null);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  function begin() {
    host.tabIndex = 0;
    host.setAttribute("role", "application");
    host.setAttribute("aria-label", model.get("label"));
    host.setAttribute("data-lm-suppress-shortcuts", "true"); // JupyterLab takes arrow keys for itself
    if (model.get("area").length) host.style.touchAction = "none";
    listen("pointermove", moved);
    listen("pointerdown", pressed);
    listen("pointerup", () => { dragging = false; });
    listen("pointercancel", () => { dragging = false; });
    listen("pointerleave", () => { if (!dragging) point_at(null); });
    listen("keydown", typed);
    // a picture that is drawn anew has lost its mark
    watcher = new MutationObserver(() => {
      if (cell && !picture()?.querySelector(`.${MARKS}`)) mark();
    });
    watcher.observe(host, { childList: true, subtree: true });
  }

  function find() {
    host = el.closest(".attnkit-panel")?.querySelector(".attnkit-picture") ?? null;
    if (host) begin();
    else frame = requestAnimationFrame(find); // the panel is not in the page yet
  }

  find();
  return () => {
    stop.abort();
    cancelAnimationFrame(frame);
    watcher?.disconnect();
  };
}

export default { render };
