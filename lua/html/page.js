// What a page of render_html.lua can be asked: tables are sorted and filtered, pictures over time tell
// values and are enlarged together, flame graphs are enlarged and searched. Without it the page shows
// all of that, too. Texts are only ever put in as texts.
// SPDX-License-Identifier: MIT
"use strict";
(() => {
  const root = document.documentElement;
  const data = JSON.parse(document.getElementById("data").textContent);
  const all = (selector, from) => Array.from((from || document).querySelectorAll(selector));
  root.classList.add("scripted");

  // ---- Light and dark ----

  const theme = document.getElementById("theme");
  const isDark = () => root.dataset.theme ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  const nameTheme = () => { theme.textContent = isDark() ? "Light" : "Dark"; };
  theme.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    nameTheme();
  });
  nameTheme();

  // ---- Values ----

  const units = {
    duration: [[1e9, "s"], [1e6, "ms"], [1e3, "us"]],
    size: [[2 ** 40, "TiB"], [2 ** 30, "GiB"], [2 ** 20, "MiB"], [2 ** 10, "KiB"], [1, "B"]],
    ratio: [[0.01, "%"]],
  };
  const show = (value, kind) => {
    if (value === false || value === undefined || value === null)
      return "?";
    const list = units[kind];
    if (!list)
      return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
    const [size, unit] = list.find((one) => Math.abs(value) >= one[0]) || list[list.length - 1];
    return Number((value / size).toPrecision(4)) + " " + unit;
  };

  // ---- Tables ----

  const keyOf = (cell) => {
    if (!cell || cell.textContent === "")
      return null;
    if (!cell.classList.contains("n"))
      return cell.classList.contains("u") ? null : cell.textContent;
    const number = parseFloat(cell.title || cell.textContent);
    return Number.isNaN(number) ? cell.textContent : number;
  };

  const sort = (table, column, heading) => {
    const body = table.tBodies[0];
    const rows = Array.from(body.rows).map((row) => [keyOf(row.cells[column]), row]);
    const numeric = rows.some((one) => typeof one[0] === "number");
    const before = heading.getAttribute("aria-sort");
    const down = before ? before === "ascending" : numeric;
    rows.sort(([a], [b]) => {
      if (a === null || b === null)
        return (a === null) - (b === null);
      const order = typeof a === "number" && typeof b === "number" ? a - b
        : String(a).localeCompare(String(b), undefined, { numeric: true });
      return down ? -order : order;
    });
    body.append(...rows.map((one) => one[1]));
    for (const other of all("th", table))
      other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", down ? "descending" : "ascending");
  };

  const addFilter = (table, tools) => {
    const label = document.createElement("label"), input = document.createElement("input");
    const count = document.createElement("output");
    input.type = "search";
    label.append("Filter ", input);
    tools.append(label, " ", count);
    input.addEventListener("input", () => {
      const wanted = input.value.toLowerCase();
      let shown = 0;
      for (const row of table.tBodies[0].rows) {
        row.hidden = !row.textContent.toLowerCase().includes(wanted);
        shown += row.hidden ? 0 : 1;
      }
      count.textContent = wanted ? shown + " match" : "";
    });
  };

  for (const table of all("table")) {
    Array.from(table.tHead.rows[0].cells).forEach((heading, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...heading.childNodes);
      heading.append(button);
      button.addEventListener("click", () => sort(table, column, heading));
    });
    if (table.tBodies[0].rows.length > 7)
      addFilter(table, table.parentNode.previousElementSibling.querySelector(".tools"));
  }

  // ---- Pictures over time ----

  const SVG = "http://www.w3.org/2000/svg";
  const WIDTH = 1000;
  const { base, span } = data.clock;
  const DAY = 86400e9;
  const view = { from: 0, to: WIDTH };
  const figures = all("figure.time");
  const make = (name, attributes, parent) => {
    const one = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes))
      one.setAttribute(key, value);
    parent.append(one);
    return one;
  };

  const clock = (ns, digits) => {
    const at = ((base + ns) % DAY + DAY) % DAY, seconds = Math.floor(at / 1e9);
    const two = (number) => String(number).padStart(2, "0");
    const text = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map(two).join(":");
    return digits ? text + "." + String(Math.floor(at % 1e9)).padStart(9, "0").slice(0, digits) : text;
  };

  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400];
  const stepFor = (least) => {
    if (least < 1e9) {
      const power = 10 ** Math.floor(Math.log10(least));
      return [1, 2, 5, 10].map((times) => times * power).find((step) => step >= least);
    }
    return (steps.find((step) => step * 1e9 >= least) || Math.ceil(least / DAY) * 86400) * 1e9;
  };

  const drawMarks = (figure) => {
    const axis = figure.querySelector(".times"), wide = axis.getBoundingClientRect().width;
    if (!wide)
      return;
    const from = view.from / WIDTH * span, to = view.to / WIDTH * span;
    const step = stepFor(Math.max((to - from) / Math.max(2, wide / 110), 1));
    const digits = step >= 1e9 ? 0 : Math.min(9, Math.ceil(9 - Math.log10(step)));
    axis.replaceChildren();
    for (let at = Math.ceil((base + from) / step) * step - base; at < to; at += step) {
      const part = (at - from) / (to - from);
      if (part * wide > 25 && part * wide < wide - 25)
        make("text", { x: part * 100 + "%", y: 13 }, axis).textContent = clock(at, digits);
    }
  };

  const whole = document.createElement("button");
  whole.type = "button";
  whole.id = "whole";
  whole.textContent = "Reset zoom";
  whole.hidden = true;
  document.body.append(whole);

  const zoom = (from, to) => {
    const least = Math.min(WIDTH, Math.max(1e-4, WIDTH * 1000 / span));
    const wide = Math.min(WIDTH, Math.max(to - from, least));
    view.from = Math.min(Math.max(from, 0), WIDTH - wide);
    view.to = view.from + wide;
    whole.hidden = wide >= WIDTH;
    for (const figure of figures) {
      const plot = figure.querySelector(".plot");
      plot.setAttribute("viewBox", [view.from, 0, wide, plot.viewBox.baseVal.height].join(" "));
      drawMarks(figure);
    }
  };
  whole.addEventListener("click", () => zoom(0, WIDTH));

  // The number of the step of a picture at a place, -1 if there is none.
  const stepAt = (one, x) => {
    const us = x / WIDTH * span / 1000;
    if (us > one.end)
      return -1;
    if (!Array.isArray(one.at)) {
      const step = Math.floor((us - one.at.first) / one.at.step + 1e-6);
      return step >= 0 ? Math.min(step, one.count - 1) : -1;
    }
    let low = 0, high = one.at.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (one.at[middle] <= us + 1e-6) low = middle + 1; else high = middle;
    }
    return low - 1;
  };
  const beginOf = (one, step) => (Array.isArray(one.at) ? one.at[step] : one.at.first + step * one.at.step) * 1000;

  const tellTime = (figure, one, step) => {
    const outputs = all(".legend output", figure);
    one.values.forEach((values, s) => {
      const text = step < 0 ? "" : show(values[step], one.class);
      outputs[s].textContent = outputs.length === 1 && step >= 0 ? clock(beginOf(one, step), 3) + "  " + text : text;
    });
  };

  const tellHeat = (figure, one, step, part) => {
    const output = figure.querySelector(".shades output");
    const row = Math.min(one.rows.length - 1, Math.max(0, Math.floor((1 - part) * one.rows.length)));
    if (!one.byPlace)
      one.byPlace = new Map(one.cells.map(([column, at, n]) => [column * 1000 + at, n]));
    output.textContent = step < 0 ? "" : clock(beginOf(one, step), 3) + ", " + show(one.rows[row][0], one.class)
      + " to " + show(one.rows[row][1], one.class) + ": " + (one.byPlace.get((step + 1) * 1000 + row + 1) || 0)
      + " " + one.counted;
  };

  const place = { x: null, part: 0.5, from: null };
  const drawCursor = () => {
    for (const figure of figures) {
      const one = data[figure.id], plot = figure.querySelector(".plot"), cursor = plot.querySelector(".cursor");
      const height = plot.viewBox.baseVal.height;
      cursor.replaceChildren();
      if (place.x !== null)
        make("path", { d: "M" + place.x + " 0V" + height }, cursor);
      if (place.from !== null)
        make("rect", { x: Math.min(place.from, place.x), y: 0, width: Math.abs(place.x - place.from), height }, cursor);
      const step = place.x === null ? -1 : stepAt(one, place.x);
      if (one.kind === "heat") tellHeat(figure, one, step, place.part); else tellTime(figure, one, step);
    }
  };

  const pointed = (plot, event) => {
    const box = plot.getBoundingClientRect();
    const part = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    place.x = view.from + part * (view.to - view.from);
    place.part = (event.clientY - box.top) / box.height;
  };

  for (const figure of figures) {
    const plot = figure.querySelector(".plot");
    plot.setAttribute("tabindex", "0");
    plot.addEventListener("pointermove", (event) => { pointed(plot, event); drawCursor(); });
    plot.addEventListener("pointerleave", () => {
      if (place.from === null) { place.x = null; drawCursor(); }
    });
    plot.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || event.pointerType === "touch")
        return;
      pointed(plot, event);
      place.from = place.x;
      plot.setPointerCapture(event.pointerId);
    });
    plot.addEventListener("pointerup", () => {
      const { from, x } = place;
      place.from = null;
      if (from !== null && Math.abs(x - from) > (view.to - view.from) / 100)
        zoom(Math.min(from, x), Math.max(from, x));
      drawCursor();
    });
    plot.addEventListener("pointercancel", () => { place.from = null; drawCursor(); });
    plot.addEventListener("dblclick", () => zoom(0, WIDTH));
    plot.addEventListener("blur", () => { place.x = null; drawCursor(); });
    plot.addEventListener("keydown", (event) => {
      const wide = view.to - view.from;
      const middle = place.x === null ? (view.from + view.to) / 2 : place.x;
      const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (move) {
        place.x = Math.min(WIDTH, Math.max(0, middle + move * wide / 100));
        if (place.x < view.from || place.x > view.to)
          zoom(place.x - wide / 2, place.x + wide / 2);
      } else if (event.key === "+" || event.key === "=") {
        zoom(middle - wide / 4, middle + wide / 4);
      } else if (event.key === "-") {
        zoom(middle - wide, middle + wide);
      } else if (event.key === "Escape" || event.key === "0") {
        zoom(0, WIDTH);
      } else {
        return;
      }
      event.preventDefault();
      drawCursor();
    });
  }
  figures.forEach(drawMarks);
  addEventListener("resize", () => figures.forEach(drawMarks));

  // ---- Flame graphs ----

  for (const figure of all("figure.flame")) {
    const plot = figure.querySelector(".plot"), output = figure.querySelector("output");
    const frames = all(".f", plot).map((element) => ({
      element, from: parseFloat(element.getAttribute("x")), wide: parseFloat(element.getAttribute("width")),
      top: parseFloat(element.getAttribute("y")), name: element.querySelector("text").textContent.toLowerCase(),
    }));
    const byElement = new Map(frames.map((frame) => [frame.element, frame]));
    const within = (a, b) => a.from >= b.from - 1e-6 && a.from + a.wide <= b.from + b.wide + 1e-6;
    let shown = frames[0];

    const layOut = () => {
      const width = plot.getBoundingClientRect().width;
      for (const frame of frames) {
        const above = frame.top < shown.top && within(shown, frame);
        const visible = above || frame.top >= shown.top && within(frame, shown);
        const wide = above ? 100 : frame.wide / shown.wide * 100;
        frame.element.style.display = visible ? "" : "none";
        frame.element.setAttribute("x", (above ? 0 : (frame.from - shown.from) / shown.wide * 100) + "%");
        frame.element.setAttribute("width", wide + "%");
        frame.element.classList.toggle("above", above);
        frame.element.classList.toggle("narrow", wide / 100 * width < 20);
        frame.visible = visible;
      }
    };
    const enlarge = (frame) => { shown = frame; layOut(); };
    const focus = (frame) => {
      if (!frame)
        return;
      for (const one of frames)
        one.element.setAttribute("tabindex", one === frame ? "0" : "-1");
      frame.element.focus();
    };

    plot.addEventListener("click", (event) => {
      const element = event.target.closest(".f");
      if (element) {
        focus(byElement.get(element));
        enlarge(byElement.get(element));
      }
    });
    plot.addEventListener("keydown", (event) => {
      const frame = byElement.get(event.target.closest(".f"));
      const row = frame && frames.filter((one) => one.visible && one.top === frame.top);
      if (!frame)
        return;
      if (event.key === "Enter" || event.key === " ")
        enlarge(frame);
      else if (event.key === "Escape") {
        enlarge(frames[0]);
      } else if (event.key === "ArrowRight")
        focus(row[row.indexOf(frame) + 1]);
      else if (event.key === "ArrowLeft")
        focus(row[row.indexOf(frame) - 1]);
      else if (event.key === "ArrowDown")
        focus(frames.find((one) => one.visible && one.top > frame.top && within(one, frame)));
      else if (event.key === "ArrowUp")
        focus(frames.filter((one) => one.visible && one.top < frame.top && within(frame, one)).pop());
      else
        return;
      event.preventDefault();
    });
    figure.querySelector(".reset").addEventListener("click", () => enlarge(frames[0]));
    figure.querySelector(".find").addEventListener("input", (event) => {
      const wanted = event.target.value.toLowerCase();
      let sum = 0, last = null;
      const found = frames.filter((frame) => wanted && frame.name.includes(wanted));
      for (const frame of frames)
        frame.element.classList.toggle("found", found.includes(frame));
      // What is below a frame that was found is part of it already.
      for (const frame of found.sort((a, b) => a.from - b.from || b.wide - a.wide)) {
        if (!last || !within(frame, last)) {
          sum += frame.wide;
          last = frame;
        }
      }
      output.textContent = wanted ? sum.toFixed(2) + " % match" : "";
    });
    layOut();
    addEventListener("resize", layOut);
  }
})();
