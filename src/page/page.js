(() => {
  "use strict";
  const root = document.documentElement;
  root.classList.add("script");
  const find = (id) => document.getElementById(id);
  const data = JSON.parse(find("data").textContent);

  const make = (tag, properties = {}, ...children) => {
    const it = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
      if (name in it) it[name] = value; else it.setAttribute(name, value);
    }
    it.append(...children);
    return it;
  };

  // Numbers and times.

  const SECOND = 1e3, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR;
  const grouped = (number, decimals = 0) =>
    number.toFixed(decimals).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  const count = (number) => grouped(Math.round(number));
  const percent = (share) => `${(100 * share).toFixed(1)}%`;
  const length = (millis) => {
    if (millis > 0 && millis < 2 * MINUTE) return `${Math.round(millis / SECOND)} s`;
    if (millis < 2 * HOUR) return `${Math.round(millis / MINUTE)} min`;
    if (millis < 3 * DAY) return `${(millis / HOUR).toFixed(1)} h`;
    return `${(millis / DAY).toFixed(1)} d`;
  };
  const since = (millis) => {
    const days = Math.floor(millis / DAY), hours = Math.floor(millis % DAY / HOUR);
    const minutes = Math.floor(millis % HOUR / MINUTE);
    return `T+${days} d ${hours} h ${String(minutes).padStart(2, "0")} min`;
  };
  const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
  const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August",
    "September", "October", "November", "December"];
  const start = data.at ? Date.parse(data.at) : NaN;
  const clock = (millis) => {
    if (Number.isNaN(start)) return since(millis);
    const it = new Date(start + millis);
    const two = (number) => String(number).padStart(2, "0");
    return `${DAYS[it.getUTCDay()]} ${it.getUTCDate()} ${MONTHS[it.getUTCMonth()]} ` +
      `${it.getUTCFullYear()}, ${two(it.getUTCHours())}:${two(it.getUTCMinutes())} UTC, ` +
      since(millis);
  };

  // Packed numbers: three letters each, places in lists four; see `experiment/packed.rs`.

  const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const VALUE = new Map([...LETTERS].map((letter, value) => [letter, value]));
  const STEPS = 2 ** 18 - 1, LEVELS = 4095;
  const numbers = (text, letters = 3) => {
    const all = new Int32Array(text.length / letters);
    for (let at = 0; at < all.length; at += 1) {
      let number = 0;
      for (let place = 0; place < letters; place += 1) {
        number = number * 64 + (VALUE.get(text[letters * at + place]) ?? -1e9);
      }
      all[at] = number < 0 ? -1 : number;
    }
    return all;
  };
  const ofSteps = (steps, whole) => whole <= STEPS ? steps : steps * whole / STEPS;
  const instants = (text, whole) => Float64Array.from(numbers(text), (it) => it < 0 ? -1 : ofSteps(it, whole));
  const levels = ([most, text]) => {
    if (text[0] === "=") return new Float64Array(Number(text.slice(1))).fill(most);
    const all = new Float64Array(text.length / 2);
    for (let at = 0; at < all.length; at += 1) {
      all[at] = most * (VALUE.get(text[2 * at]) * 64 + VALUE.get(text[2 * at + 1])) / LEVELS;
    }
    return all;
  };

  // Light and dark.

  const theme = find("theme");
  const dark = () => root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  const themed = () => {
    theme.textContent = dark() ? "Light colours" : "Dark colours";
    if (replay.drawn) replay.draw();
  };
  theme.addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    themed();
  });

  const choices = (select, texts) => {
    select.replaceChildren(...texts.map((text, value) => make("option", { value, textContent: text })));
  };
  const told = data.strategies.map((it, place) => [it, place]).filter(([it]) => it.replays.length > 0);

  // Why a site took as long as it did.

  const why = find("why");
  const opened = new Map();
  const chainsOf = (it) => {
    if (!opened.has(it)) {
      const [end, [before, causes, to]] = it.chains;
      opened.set(it, [numbers(before, 4), numbers(causes, 4), instants(to, end)]);
    }
    return opened.get(it);
  };
  // From the last piece back to when the site's time began.
  const pieces = (it, [, , , began, , last]) => {
    const [before, causes, to] = chainsOf(it), all = [];
    for (let at = last; at !== null && at >= 0 && to[at] > began;) {
      const earlier = before[at] < 0 ? -1 : at - before[at];
      all.push([causes[at], to[at] - Math.max(began, earlier < 0 ? 0 : to[earlier])]);
      at = earlier;
    }
    return all.reverse();
  };
  const siteName = (site) => data.sites[site] ? data.sites[site][0] : `site ${site + 1}`;
  const showWhy = (strategy, site) => {
    const it = data.strategies[strategy];
    find("why-title").textContent = `Why ${siteName(site)} under ${it.name}?`;
    const row = it.rows[site];
    const list = find("why-pieces");
    list.replaceChildren();
    if (!row || row[4] === null) {
      find("why-text").textContent = row
        ? `It was not back in exercise ${it.replication}, or was not deleted.`
        : "Every exercise draws its own sites, so none is followed.";
    } else {
      const whole = row[4];
      find("why-text").textContent = `Exercise ${it.replication}, the median one: away for ` +
        `${length(whole)}. In order, what that time went into; where it waited for people or ` +
        "units, the work at whose end they became free, whosever site that was for.";
      for (const [cause, millis] of pieces(it, row)) {
        const bar = make("span", { className: "track" }, make("span"));
        bar.firstChild.style.width = `${100 * millis / whole}%`;
        list.append(make("li", {}, `${length(millis)}: ${it.causes[cause]}`, bar));
      }
    }
    why.showModal();
  };

  // The replay.

  const STATES = [
    ["not deleted (yet)", "up"], ["deleted", "deleted"], ["queued", "queued"],
    ["in a batch", "batch"], ["restoring", "restoring"], ["validating", "validating"],
    ["back", "back"], ["lost for good", "lost"],
  ];
  const glyph = (paint, state, x, y, size) => {
    const ink = getComputedStyle(root).getPropertyValue(`--state-${STATES[state][1]}`);
    glyphIn(paint, state, x, y, size, ink);
  };
  // A cell fills up from below as its site comes back, so that states differ without colour too.
  const glyphIn = (paint, state, x, y, size, ink) => {
    const gap = size > 6 ? 1 : 0, side = size - 2 * gap;
    const [left, top] = [x + gap, y + gap];
    paint.fillStyle = ink;
    paint.strokeStyle = ink;
    const filled = (part) => paint.fillRect(left, top + side * (1 - part), side, side * part);
    const frame = () => paint.strokeRect(left + .5, top + .5, side - 1, side - 1);
    if (size < 7) { filled(1); return; }
    if (state === 0) { paint.fillRect(left + side / 2 - 1, top + side / 2 - 1, 2, 2); return; }
    if (state === 6) { filled(1); return; }
    frame();
    if (state === 1) return;
    if (state === 7) {
      paint.beginPath();
      paint.moveTo(left, top); paint.lineTo(left + side, top + side);
      paint.moveTo(left + side, top); paint.lineTo(left, top + side);
      paint.stroke();
      return;
    }
    if (state === 2) { paint.fillRect(left + side / 2 - 1.5, top + side / 2 - 1.5, 3, 3); return; }
    filled([0, 0, 0, .25, .5, .75][state]);
  };

  const timesOf = (it) => {
    const of = (text) => instants(text, it.end);
    const batch = numbers(it.sites.batch, 4), taken = of(it.sites.taken);
    return {
      length: batch.length, deleted: of(it.sites.deleted),
      taken: Float64Array.from(batch, (at) => at < 0 ? -1 : taken[at]),
      restoring: of(it.sites.restoring), validating: of(it.sites.validating),
      end: of(it.sites.end), lost: new Set(it.sites.lost),
    };
  };

  const replay = {
    drawn: false, site: -1, playing: 0,
    cells: find("replay-cells"), slider: find("replay-time"), button: find("replay-play"),

    choose() {
      const [strategy, place] = told[find("replay-strategy").value];
      this.place = place;
      choices(find("replay-choice"), strategy.replays.map((it) => it.label));
      const median = strategy.replays.findIndex((it) => it.label === "median");
      find("replay-choice").value = Math.max(median, 0);
      this.open();
    },

    open() {
      const it = data.strategies[this.place].replays[find("replay-choice").value];
      this.it = it;
      this.times = timesOf(it);
      this.count = this.times.length;
      this.gauges = it.gauges.map((gauge) => ({
        ...gauge, used: levels(gauge.used), capacity: levels(gauge.capacity),
        waiting: levels(gauge.waiting),
      }));
      find("replay-sentence").textContent = it.sentence;
      this.layLoad();
      this.drawn = true;
      this.draw();
    },

    now() { return this.it.end * this.slider.value / this.slider.max; },

    state(site, now) {
      const times = this.times, past = (all) => all[site] >= 0 && all[site] <= now;
      if (!past(times.deleted)) return 0;
      if (past(times.end)) return times.lost.has(site) ? 7 : 6;
      if (past(times.validating)) return 5;
      if (past(times.restoring)) return 4;
      if (past(times.taken)) return 3;
      return this.it.queued !== null && this.it.queued <= now ? 2 : 1;
    },

    lay() {
      const wide = this.cells.clientWidth || 300;
      const size = Math.max(2, Math.min(24, Math.floor(Math.sqrt(wide * wide * .7 / this.count))));
      this.columns = Math.max(1, Math.floor(wide / size));
      this.size = size;
      const high = Math.ceil(this.count / this.columns) * size + 2;
      const scale = window.devicePixelRatio || 1;
      this.cells.width = Math.round(wide * scale);
      this.cells.height = Math.round(high * scale);
      this.cells.style.height = `${high}px`;
      this.paint = this.cells.getContext("2d");
      this.paint.setTransform(scale, 0, 0, scale, 0, 0);
    },

    draw() {
      this.lay();
      const now = this.now(), counts = STATES.map(() => 0);
      const style = getComputedStyle(root);
      const inks = STATES.map(([, name]) => style.getPropertyValue(`--state-${name}`));
      for (let site = 0; site < this.count; site += 1) {
        const state = this.state(site, now);
        counts[state] += 1;
        const [x, y] = [site % this.columns * this.size, Math.floor(site / this.columns) * this.size];
        glyphIn(this.paint, state, x, y, this.size, inks[state]);
        if (site === this.site) {
          this.paint.strokeStyle = style.getPropertyValue("--ink");
          this.paint.lineWidth = 2;
          this.paint.strokeRect(x, y, this.size, this.size);
          this.paint.lineWidth = 1;
        }
      }
      const text = clock(now);
      find("replay-clock").textContent = text;
      const back = `${count(counts[6])} of ${count(this.count)} sites back`;
      this.slider.setAttribute("aria-valuetext", `${text}; ${back}`);
      this.cells.setAttribute("aria-label", `One cell for each site. ${text}: ${back}.`);
      this.legend(counts);
      this.load(now);
      const mark = this.it.marks.filter(([at]) => at <= now).pop();
      find("replay-mark").textContent = mark ? `Last at ${since(mark[0])}: ${mark[1]}` : "";
    },

    legend(counts) {
      const list = find("replay-legend");
      if (list.children.length === 0) {
        list.append(...STATES.map(([text]) => {
          const it = make("li", {}, make("canvas", { width: 32, height: 32, "aria-hidden": "true" }),
            `${text} `, make("strong"));
          return it;
        }));
      }
      counts.forEach((number, state) => {
        const it = list.children[state], paint = it.firstChild.getContext("2d");
        paint.clearRect(0, 0, 32, 32);
        paint.lineWidth = 2;
        glyph(paint, state, 0, 0, 32);
        it.querySelector("strong").textContent = count(number);
      });
    },

    layLoad() {
      const titles = { team: "Teams", limit: "Limits", track: "Batches in flight", load: "Loads" };
      const box = find("replay-load");
      box.replaceChildren();
      let kind = "";
      this.gauges = this.gauges.filter((it) => [...it.used, ...it.waiting].some((level) => level > 0));
      this.rows = this.gauges.map((gauge) => {
        if (gauge.kind !== kind) {
          kind = gauge.kind;
          box.append(make("h3", { textContent: titles[kind] }));
        }
        const row = make("div", { className: "row" }, make("span", { textContent: gauge.name }),
          make("span"), make("span", { className: "track" }, make("span")));
        box.append(row);
        return row;
      });
    },

    load(now) {
      const bin = (values) =>
        values[Math.min(values.length - 1, Math.floor(now / this.it.end * values.length))];
      const waits = { team: "wait", limit: "wait", track: "sites to come", load: "" };
      this.gauges.forEach((gauge, place) => {
        const [used, capacity, waiting] = [gauge.used, gauge.capacity, gauge.waiting].map(bin);
        const row = this.rows[place], whole = capacity ?? Math.max(...gauge.used);
        const off = capacity !== undefined && capacity < .005;
        const short = (number) => number < 10 && number % 1 > .05 ? number.toFixed(1) : count(number);
        // Whoever works beyond the end of a shift is no part of those who are there.
        const over = capacity !== undefined && used > capacity + .05;
        const text = off ? (used > .05 ? `${short(used)} over time` : "nobody there")
          : over ? `${short(capacity)} there, ${short(used)} at work`
          : `${short(used)}${capacity === undefined ? "" : ` of ${short(capacity)}`}`;
        const queue = waiting > .05 ? `, ${short(waiting)} ${waits[gauge.kind]}` : "";
        row.children[1].textContent = (gauge.kind !== "team" && off ? "none" : text) + queue;
        row.querySelector(".track span").style.width =
          `${whole > 0 ? Math.min(100, 100 * used / whole) : 0}%`;
      });
    },

    select(site) {
      if (site < 0 || site >= this.count) return;
      this.site = site;
      this.draw();
      const facts = data.sites[site];
      const about = facts ? ` (${[facts[2], facts[3], facts[4]].filter(Boolean).join(", ")}; ` +
        `${count(facts[5])} users)` : "";
      find("replay-cell").textContent =
        `${siteName(site)}${about}: ${STATES[this.state(site, this.now())][0]}.`;
    },

    at(event) {
      const box = this.cells.getBoundingClientRect();
      const column = Math.floor((event.clientX - box.left) / this.size);
      const row = Math.floor((event.clientY - box.top) / this.size);
      const site = row * this.columns + column;
      return column < this.columns && site < this.count ? site : -1;
    },

    key(event) {
      const moves = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: this.columns, ArrowUp: -this.columns };
      if (event.key in moves) {
        this.select(this.site < 0 ? 0 : this.site + moves[event.key]);
      } else if (event.key === "Home") {
        this.select(0);
      } else if (event.key === "End") {
        this.select(this.count - 1);
      } else if (event.key === "Enter" && this.site >= 0) {
        showWhy(this.place, this.site);
      } else {
        return;
      }
      event.preventDefault();
    },

    play() {
      if (this.playing) { this.stop(); return; }
      if (Number(this.slider.value) >= Number(this.slider.max)) this.slider.value = 0;
      this.button.textContent = "Pause";
      let before = performance.now(), place = Number(this.slider.value);
      const frame = (now) => {
        const whole = Number(find("replay-speed").value) * 1e3;
        place = Math.min(Number(this.slider.max), place + (now - before) / whole * this.slider.max);
        before = now;
        this.slider.value = place;
        this.draw();
        if (place >= Number(this.slider.max)) this.stop();
        else this.playing = requestAnimationFrame(frame);
      };
      this.playing = requestAnimationFrame(frame);
    },

    stop() {
      cancelAnimationFrame(this.playing);
      this.playing = 0;
      this.button.textContent = "Play";
    },

    begin() {
      choices(find("replay-strategy"), told.map(([it]) => it.name));
      find("replay-strategy").addEventListener("change", () => { this.stop(); this.choose(); });
      find("replay-choice").addEventListener("change", () => { this.stop(); this.open(); });
      this.slider.addEventListener("input", () => { this.stop(); this.draw(); });
      this.button.addEventListener("click", () => this.play());
      this.cells.addEventListener("keydown", (event) => this.key(event));
      this.cells.addEventListener("pointermove", (event) => this.select(this.at(event)));
      this.cells.addEventListener("click", (event) => {
        const site = this.at(event);
        if (site >= 0) showWhy(this.place, site);
      });
      this.choose();
      new ResizeObserver(() => this.draw()).observe(this.cells.parentElement);
    },
  };

  // Tables that sort and filter.

  const PAGE = 25;
  const table = (title, columns, rows) => {
    let shown = rows, sorted = -1, falling = false, page = 0;
    const body = make("tbody"), head = make("tr"), status = make("span", { role: "status" });
    const texts = rows.map((row) => columns.map((it) => it.text(row)).join(" ").toLowerCase());
    const fill = () => {
      const pages = Math.max(1, Math.ceil(shown.length / PAGE));
      page = Math.min(page, pages - 1);
      body.replaceChildren(...shown.slice(page * PAGE, (page + 1) * PAGE).map((row) =>
        make("tr", {}, ...columns.map((it, place) => {
          const cell = make(place === 0 ? "th" : "td", place === 0 ? { scope: "row" } : {});
          if (it.number) cell.className = "number";
          cell.append(it.open
            ? make("button", { type: "button", textContent: it.text(row), onclick: () => it.open(row) })
            : it.text(row));
          return cell;
        }))));
      status.textContent = `${count(shown.length)} of ${count(rows.length)}, page ${page + 1} of ${pages}`;
    };
    const sort = (place) => {
      falling = sorted === place ? !falling : Boolean(columns[place].number);
      sorted = place;
      const key = columns[place].value ?? columns[place].text, sign = falling ? -1 : 1;
      const order = (a, b) => {
        const [one, other] = [key(a), key(b)];
        // What never comes is the last either way.
        if (one === null || other === null) return (one === null) - (other === null);
        return sign * (typeof one === "number" ? one - other : one.localeCompare(other, "en"));
      };
      shown = [...shown].sort(order);
      [...head.children].forEach((it, at) => {
        if (at === place) it.setAttribute("aria-sort", falling ? "descending" : "ascending");
        else it.removeAttribute("aria-sort");
      });
      page = 0;
      fill();
    };
    head.append(...columns.map((it, place) => make("th",
      { scope: "col", className: it.number ? "number" : "" },
      make("button", { type: "button", textContent: it.title, onclick: () => sort(place) }))));
    const search = make("input", { type: "search", autocomplete: "off" });
    search.addEventListener("input", () => {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      shown = rows.filter((_, place) => words.every((word) => texts[place].includes(word)));
      page = 0;
      if (sorted >= 0) { falling = !falling; sort(sorted); } else fill();
    });
    const turn = (by) => () => { page = Math.max(0, page + by); fill(); };
    fill();
    return make("div", {},
      make("h3", { textContent: title }),
      make("div", { className: "pager" },
        make("label", {}, "Search ", search),
        make("button", { type: "button", textContent: "Previous", onclick: turn(-1) }),
        make("button", { type: "button", textContent: "Next", onclick: turn(1) }), status),
      make("div", { className: "scroll", tabIndex: 0, role: "region", "aria-label": title },
        make("table", {}, make("thead", {}, head), body)));
  };

  const time = (title, of) => ({
    title, number: true, value: of,
    text: (row) => { const it = of(row); return it === null ? "never" : length(it * SECOND); },
  });
  const figure = (title, of, text = (it) => grouped(it, it < 100 && it % 1 ? 1 : 0)) => ({
    title, number: true, value: (row) => of(row)[0],
    text: (row) => {
      const [value, low, high] = of(row);
      if (value === null) return "-";
      return low === null ? text(value) : `${text(value)} (${text(low)} to ${text(high)})`;
    },
  });

  const siteTable = (it, place) => {
    const median = it.replays.find((replay) => replay.label === "median");
    const times = median ? timesOf(median) : null;
    const waited = (from, to) => (site) => {
      const [one, other] = [times[from][site], times[to][site]];
      return one < 0 || other < 0 ? null : (other - one) / SECOND;
    };
    const facts = data.sites, rows = it.rows;
    const columns = [
      { title: "site", text: siteName, open: (site) => showWhy(place, site) },
      { title: "tier", text: (site) => facts[site][2] },
      { title: "region", text: (site) => facts[site][3] },
      { title: "products", text: (site) => facts[site][4] },
      { title: "users", number: true, value: (site) => facts[site][5], text: (site) => count(facts[site][5]) },
      { title: "back in", number: true, value: (site) => rows[site][0][1] / Math.max(1, rows[site][0][0]),
        text: (site) => percent(rows[site][0][1] / Math.max(1, rows[site][0][0])) },
      time("RTA median", (site) => rows[site][1][0]),
      time("RTA p95", (site) => rows[site][1][1]),
      time(data.rpa, (site) => rows[site][1][3]),
      { title: "track", text: (site) => rows[site][2] === null ? "none" : it.tracks[rows[site][2]] ?? "" },
    ];
    if (times) {
      columns.push(time("waits to be taken", waited("deleted", "taken")), time("waits in its batch", waited("taken", "restoring")));
    }
    return table("Sites: choose one to see where its hours went", columns, rows.map((_, site) => site));
  };

  const stepTable = (it) => table("Steps", [
    { title: "step", text: (row) => row[1] }, { title: "track", text: (row) => row[0] },
    { title: "teams", text: (row) => row[2] || "nobody" },
    figure("attempts", (row) => row[3][0]), figure("failed", (row) => row[3][1], percent),
    figure("hours of work", (row) => row[3][2]), figure("hours of waiting", (row) => row[3][3]),
  ], it.steps);

  const teamTable = (it) => {
    const column = (title, place) => ({
      title, number: true, value: (row) => row[3][place], text: (row) => row[2][place],
    });
    return table("Teams", [
      { title: "team", text: (row) => row[0] }, { title: "what it does", text: (row) => row[1] },
      column("person-hours", 0), column("busy", 1), column("overtime", 2), column("cost", 3),
    ], it.teams);
  };

  const batchTable = (it) => table(it.all_batches > it.batches.length
    ? `The first ${count(it.batches.length)} of ${count(it.all_batches)} batches of the median exercise`
    : "Batches of the median exercise", [
    { title: "batch", number: true, value: (row) => row[1], text: (row) => String(row[1]) },
    { title: "track", text: (row) => row[0] },
    { title: "sites", number: true, value: (row) => row[2], text: (row) => count(row[2]) },
    { title: "users", number: true, value: (row) => row[3], text: (row) => count(row[3]) },
    time("taken", (row) => row[4][0]), time("work begins", (row) => row[4][1]),
    time("data back", (row) => row[4][2]), time("last site back", (row) => row[4][3]),
  ], it.batches);

  const showTables = () => {
    const place = Number(find("tables-strategy").value), it = data.strategies[place];
    const all = [];
    if (it.rows.length > 0) all.push(siteTable(it, place));
    else all.push(make("p", { className: "note", textContent: data.many || data.sites.length > 0
      ? "There are too many sites to tell of each under every strategy; sites.csv has them all."
      : "Every exercise draws its own sites, so there is no table of them." }));
    all.push(stepTable(it), teamTable(it), batchTable(it));
    find("tables-all").replaceChildren(...all);
  };

  choices(find("tables-strategy"), data.strategies.map((it) => it.name));
  find("tables-strategy").addEventListener("change", showTables);
  showTables();
  if (told.length > 0 && told[0][0].replays[0].sites.deleted.length > 0) replay.begin();
  else find("replay").remove();
  themed();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", themed);
  // What is folded is not printed.
  const unfold = find("unfold");
  unfold.addEventListener("click", () => {
    const all = [...document.querySelectorAll("details")], open = all.some((it) => !it.open);
    for (const it of all) it.open = open;
    unfold.textContent = open ? "Fold" : "Unfold all";
  });
})();
