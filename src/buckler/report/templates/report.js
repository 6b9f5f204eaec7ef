// Filters, groups and pages the findings. INVARIANT: text enters the page only as textContent; names in it are chosen by strangers.
(() => {
  "use strict";
  const STEP = 200;
  const FIELDS = ["confidence", "check", "kind", "name", "arn", "account", "region", "file", "message"];
  const packed = JSON.parse(document.getElementById("packed").textContent);
  const text = (index) => packed.strings[index];
  const findings = packed.findings.map((row, order) => {
    const one = { order, severity: row[0], evidence: row[10], witness: text(row[11]), fix: text(row[12]), safe: row[13] === 1, frameworks: row[14].map(text), fingerprint: row[15] };
    FIELDS.forEach((name, index) => { one[name] = text(row[index + 1]); });
    return one;
  });
  const byId = (id) => document.getElementById(id);
  const list = byId("list"), shown = byId("shown"), more = byId("more"), form = byId("filters"), q = byId("q");
  const selects = { check: byId("check"), account: byId("account"), region: byId("region"), framework: byId("framework"), group: byId("group") };

  function el(tag, className, ...children) {
    const node = document.createElement(tag);
    if (className) node.className = className;
    for (const child of children) if (child !== null && child !== "") node.append(child);
    return node;
  }
  // What stands in backticks is code.
  function prose(tag, className, value) {
    const node = el(tag, className), pieces = value.split("`");
    if (pieces.length % 2 === 0) { node.textContent = value; return node; }
    pieces.forEach((piece, index) => { if (piece) node.append(index % 2 ? el("code", "", piece) : piece); });
    return node;
  }
  function severity(index) {
    const icon = el("span", "icon", packed.icons[index]);
    icon.setAttribute("aria-hidden", "true");
    return el("span", "sev " + packed.severities[index], icon, " " + packed.severities[index]);
  }
  function pair(dl, name, node) { dl.append(el("dt", "", name), node); }

  function body(one) {
    const evidence = el("ul", "evidence");
    for (const [place, arn, note, source, line] of one.evidence) {
      const item = el("li", "", el("code", "place", text(place)));
      if (text(arn)) item.append(" ", el("code", "faint", text(arn)));
      if (text(source)) item.append(el("pre", "", el("span", "line", String(line)), " " + text(source)));
      item.append(prose("p", "", text(note)));
      evidence.append(item);
    }
    const dl = el("dl");
    if (one.witness) pair(dl, "Witness", el("dd", "", el("code", "", one.witness)));
    if (one.fix) { const dd = prose("dd", "", one.fix); dd.append(" ", el("span", "tag", one.safe ? "safe" : "review")); pair(dl, "Fix", dd); }
    pair(dl, "Confidence", el("dd", "", one.confidence));
    if (one.arn) pair(dl, "Resource", el("dd", "", el("code", "", one.arn)));
    if (one.frameworks.length) pair(dl, "Maps to", el("dd", "", ...one.frameworks.flatMap((name) => [el("span", "tag", name), " "])));
    const link = el("a", "", el("code", "", one.fingerprint));
    link.href = "#finding=" + encodeURIComponent(one.fingerprint);
    pair(dl, "Fingerprint", el("dd", "", link));
    const box = el("div", "body", evidence, dl), page = packed.pages[one.check];
    if (page) {
      const about = el("dl");
      for (const part of ["Why", "Not flagged", "Fix", "Source"]) if (page[part].length) pair(about, part, el("dd", "", ...page[part].map((line) => prose("p", "", line))));
      box.append(el("details", "explain", el("summary", "", "About this check"), ...page.summary.map((line) => prose("p", "", line)), about));
    }
    return box;
  }
  function finding(one) {
    const where = el("span", "where", el("code", "", one.check), " ", el("bdi", "", one.kind + " " + one.name));
    if (one.file) where.append(" ", el("bdi", "faint", one.file));
    else if (one.region) where.append(" ", el("span", "faint", one.account + " " + one.region));
    const node = el("details", "finding", el("summary", "", severity(one.severity), " ", prose("span", "what", one.message), " ", where));
    const fill = () => { if (node.children.length === 1) node.append(body(one)); };
    node.addEventListener("toggle", fill, { once: true });
    node.fill = fill;
    return node;
  }

  // The state lives in the address, so that a view can be sent to somebody: #q=pay&severity=high&group=subject
  function read() {
    const hash = location.hash.slice(1), params = new URLSearchParams(hash.includes("=") ? hash : "");
    const wanted = new Set((params.get("severity") || "").split(",").filter((word) => packed.severities.includes(word)));
    const state = { q: params.get("q") || "", severity: wanted, group: "check", finding: params.get("finding") || "" };
    for (const name of Object.keys(selects)) if (params.get(name)) state[name] = params.get(name);
    return state;
  }
  function write(state) {
    const params = new URLSearchParams();
    if (state.q) params.set("q", state.q);
    if (state.severity.size) params.set("severity", [...state.severity].join(","));
    for (const name of ["check", "account", "region", "framework"]) if (state[name]) params.set(name, state[name]);
    if (state.group !== "check") params.set("group", state.group);
    const hash = params.toString();
    history.replaceState(null, "", hash ? "#" + hash : location.pathname + location.search);
  }
  function haystack(one) {
    return one.hay ??= [one.message, one.name, one.arn, one.check, one.file, one.kind, one.frameworks.join(" "), ...one.evidence.map((seen) => text(seen[0]) + " " + text(seen[1]))].join("\n").toLowerCase();
  }
  function matches(one, state) {
    if (state.finding) return one.fingerprint === state.finding;
    if (state.severity.size && !state.severity.has(packed.severities[one.severity])) return false;
    for (const name of ["check", "account", "region"]) if (state[name] && one[name] !== state[name]) return false;
    if (state.framework && !one.frameworks.includes(state.framework)) return false;
    return state.q.toLowerCase().split(/\s+/).every((word) => haystack(one).includes(word));
  }
  const KEYS = {
    check: (one) => one.check,
    subject: (one) => one.kind + " " + one.name + (one.file ? " in " + one.file : one.region ? " in " + one.account + " " + one.region : ""),
    scope: (one) => one.file || [one.account, one.region || "global"].filter(Boolean).join(" "),
    severity: (one) => packed.severities[one.severity],
  };

  let state = read(), groups = [], drawn = 0, total = 0;

  function arrange() {
    const kept = findings.filter((one) => matches(one, state)), map = new Map(), key = KEYS[state.group] || KEYS.check;
    for (const one of kept) { const name = key(one); if (!map.has(name)) map.set(name, []); map.get(name).push(one); }
    groups = [...map];
    total = kept.length;
    drawn = 0;
    list.replaceChildren();
    list.className = "by-" + state.group;
    draw();
    if (state.finding && total) { const node = list.querySelector(".finding"); node.fill(); node.open = true; }
  }
  // Draws the next STEP findings, beginning in the middle of a group where the last step ended.
  function draw() {
    let skip = drawn, room = STEP, first = null;
    for (const [name, members] of groups) {
      if (skip >= members.length) { skip -= members.length; continue; }
      if (room <= 0) break;
      const part = members.slice(skip, skip + room);
      let section = skip ? list.lastElementChild : null;
      if (!section) {
        const page = state.group === "check" ? packed.pages[name] : null, title = el("h3", "", state.group === "severity" ? name : el("bdi", "", name));
        title.append(" ", el("span", "faint", (page ? page.title.join(" ") + " · " : "") + members.length.toLocaleString("en")));
        section = el("section", "group", title);
        list.append(section);
      }
      for (const one of part) { const node = finding(one); first ??= node; section.append(node); }
      room -= part.length;
      drawn += part.length;
      skip = 0;
    }
    if (!total) list.append(el("p", "faint", findings.length ? "No finding matches these filters." : "Nothing was found in what was looked at; the coverage below says what that was."));
    shown.textContent = total === findings.length && drawn === total ? "" : total.toLocaleString("en") + " of " + findings.length.toLocaleString("en") + (findings.length === 1 ? " finding" : " findings") + (drawn < total ? ", the first " + drawn.toLocaleString("en") + " shown" : "");
    more.hidden = drawn >= total;
    more.textContent = "Show " + Math.min(STEP, total - drawn).toLocaleString("en") + " more";
    return first;
  }

  function options(select, values, all) {
    const counts = new Map();
    for (const value of values) if (value) counts.set(value, (counts.get(value) || 0) + 1);
    select.append(new Option(all, ""));
    for (const value of [...counts.keys()].sort()) select.append(new Option((value.length > 60 ? value.slice(0, 59) + "…" : value) + " (" + counts.get(value) + ")", value));
    select.parentElement.hidden = counts.size < 2;
  }
  function show() {
    q.value = state.q;
    for (const box of byId("severities").querySelectorAll("input")) box.checked = state.severity.has(box.value);
    for (const [name, select] of Object.entries(selects)) select.value = state[name] || "";
    if (!selects.group.value) selects.group.value = state.group = "check";
    arrange();
  }
  function changed() {
    state.finding = "";
    state.q = q.value.trim();
    state.severity = new Set([...byId("severities").querySelectorAll("input:checked")].map((box) => box.value));
    for (const [name, select] of Object.entries(selects)) state[name] = select.value;
    write(state);
    arrange();
  }

  packed.severities.forEach((word, index) => {
    if (!findings.some((one) => one.severity === index)) return;
    const box = document.createElement("input");
    box.type = "checkbox";
    box.value = word;
    byId("severities").append(el("label", "", box, severity(index)));
  });
  options(selects.check, findings.map((one) => one.check), "all checks");
  const told = (value) => value.includes("${") ? "" : value;
  options(selects.account, findings.map((one) => told(one.account)), "all accounts");
  options(selects.region, findings.map((one) => told(one.region)), "all regions");
  options(selects.framework, findings.flatMap((one) => one.frameworks), "all frameworks");
  form.hidden = findings.length < 2;
  let typing = 0;
  form.addEventListener("input", (event) => { clearTimeout(typing); typing = setTimeout(changed, event.target === q ? 120 : 0); });
  form.addEventListener("submit", (event) => { event.preventDefault(); changed(); });
  form.addEventListener("reset", (event) => { event.preventDefault(); state = { q: "", severity: new Set(), group: selects.group.value, finding: "" }; write(state); show(); });
  more.addEventListener("click", () => { const first = draw(); if (first) first.firstElementChild.focus(); });
  document.addEventListener("keydown", (event) => {
    const typingNow = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    if (event.key === "/" && !typingNow && !event.ctrlKey && !event.metaKey && !event.altKey && !form.hidden) { event.preventDefault(); q.focus(); q.select(); }
    if (event.key === "Escape" && event.target === q) { q.value = ""; changed(); q.blur(); }
  });
  window.addEventListener("hashchange", () => { if (location.hash.includes("=")) { state = read(); show(); byId("findings").scrollIntoView(); } });
  // Paper has no triangles to click: what is on the page is printed whole.
  window.addEventListener("beforeprint", () => { for (const node of document.querySelectorAll("details")) { if (node.fill) node.fill(); node.open = true; } });
  show();
})();
