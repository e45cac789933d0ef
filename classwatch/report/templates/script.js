(function () {
  "use strict";
  document.documentElement.classList.add("js");
  var data = JSON.parse(document.getElementById("data").textContent);
  var byId = function (id) { return document.getElementById(id); };
  var over = byId("over"), cursor = byId("cursor"), viewport = byId("viewport");
  var lines = Array.prototype.slice.call(document.querySelectorAll("#lines > li"));
  var starts = lines.map(function (li) { return parseFloat(li.dataset.t); });
  var order = starts.map(function (_, i) { return i; });
  order.sort(function (a, b) { return starts[a] - starts[b]; });
  var length = data.end - data.start, now = data.start, marked = null;

  function clock(t) {
    var s = Math.round(t), h = Math.floor(s / 3600), m = Math.floor(s / 60) % 60;
    var two = function (n) { return (n < 10 ? "0" : "") + n; };
    return h ? h + ":" + two(m) + ":" + two(s % 60) : m + ":" + two(s % 60);
  }

  function lineAt(t) {
    var low = 0, high = order.length;
    while (low < high) {
      var mid = (low + high) >> 1;
      if (starts[order[mid]] <= t + 1e-6) { low = mid + 1; } else { high = mid; }
    }
    return order.length ? lines[order[Math.max(0, low - 1)]] : null;
  }

  function probe(p, t) {
    if (p.runs.length) {
      var found = [];
      p.runs.forEach(function (r) {
        if (t >= r[0] && t < r[1] && found.indexOf(r[2]) < 0) { found.push(r[2]); }
      });
      return found.join(" + ");
    }
    var low = 0, high = p.edges.length - 1;
    if (high < 1 || t < p.edges[0] || t > p.edges[high]) { return ""; }
    while (high - low > 1) {
      var mid = (low + high) >> 1;
      if (p.edges[mid] <= t) { low = mid; } else { high = mid; }
    }
    return p.values[low] || "";
  }

  function show(t, follow) {
    if (!over) { return; }
    now = Math.min(data.end, Math.max(data.start, t));
    var share = length > 0 ? (now - data.start) / length : 0;
    cursor.hidden = false;
    cursor.style.left = (100 * share) + "%";
    var parts = [];
    data.probes.forEach(function (p) {
      var value = probe(p, now);
      if (value) { parts.push(p.name + " " + value); }
    });
    var said = parts.join(" · ") || data.words.nothing;
    byId("readout-time").textContent = clock(now);
    byId("readout-text").textContent = said;
    over.setAttribute("aria-valuenow", String(Math.round(now)));
    over.setAttribute("aria-valuetext", clock(now) + " " + said);
    if (follow) {
      var x = over.offsetLeft + share * over.offsetWidth;
      if (x < viewport.scrollLeft + over.offsetLeft || x > viewport.scrollLeft + viewport.clientWidth) {
        viewport.scrollLeft = x - viewport.clientWidth / 2;
      }
    }
  }

  function mark(li) {
    if (marked) { marked.classList.remove("now"); }
    marked = li;
    if (li) { li.classList.add("now"); }
  }

  function go(t) {
    var li = lineAt(t);
    if (!li) { return; }
    li.hidden = false;
    mark(li);
    li.scrollIntoView({ block: "center" });
  }

  if (over) {
    var timeOf = function (event) {
      var box = over.getBoundingClientRect();
      return data.start + (event.clientX - box.left) / box.width * length;
    };
    over.addEventListener("pointermove", function (e) { show(timeOf(e), false); });
    over.addEventListener("pointerdown", function (e) { show(timeOf(e), false); });
    over.addEventListener("click", function (e) { if (e.detail) { show(timeOf(e), false); go(now); } });
    over.addEventListener("focus", function () { show(now, true); });
    over.addEventListener("keydown", function (e) {
      var step = { ArrowLeft: -5, ArrowDown: -5, ArrowRight: 5, ArrowUp: 5, PageDown: -60, PageUp: 60 }[e.key];
      if (step) { show(now + step, true); }
      else if (e.key === "Home") { show(data.start, true); }
      else if (e.key === "End") { show(data.end, true); }
      else if (e.key === "Enter") { go(now); }
      else { return; }
      e.preventDefault();
    });
    byId("zoom").addEventListener("change", function () {
      byId("canvas").style.setProperty("--zoom", this.value);
      show(now, true);
    });
  }

  document.addEventListener("click", function (e) {
    var link = e.target.closest ? e.target.closest("a.t") : null;
    if (!link) { return; }
    var t = parseFloat(link.dataset.t), inside = link.closest("#lines");
    show(t, true);
    if (inside) { mark(link.closest("li")); return; }
    if (lines.length) { e.preventDefault(); go(t); }
  });

  var query = byId("query");
  if (query) {
    var hits = [], at = -1, timer = 0;
    var texts = lines.map(function (li) { return li.querySelector(".txt"); });
    var plain = texts.map(function (n) { return n.textContent; });
    var boxes = Array.prototype.slice.call(document.querySelectorAll('#search input[name="role"]'));
    var lower = function (s) { var l = s.toLowerCase(); return l.length === s.length ? l : s; };

    var paint = function (k, word) {
      var node = texts[k], text = plain[k], low = lower(text), from = 0, i;
      if (!word || low.indexOf(word) < 0) {
        if (node.firstElementChild) { node.textContent = text; }
        return;
      }
      node.textContent = "";
      while ((i = low.indexOf(word, from)) >= 0) {
        node.appendChild(document.createTextNode(text.slice(from, i)));
        var m = document.createElement("mark");
        m.textContent = text.slice(i, i + word.length);
        node.appendChild(m);
        if (!lines[k].hidden) { hits.push(m); }
        from = i + word.length;
      }
      node.appendChild(document.createTextNode(text.slice(from)));
    };

    var search = function () {
      var word = lower(query.value.trim()), wanted = {};
      boxes.forEach(function (b) { wanted["r-" + b.value] = b.checked; });
      hits = []; at = -1;
      lines.forEach(function (li, k) {
        li.hidden = !wanted[li.classList[0]];
        paint(k, word);
      });
      byId("hits").textContent = !word ? "" : hits.length ? data.words.hits.replace("{n}", hits.length) : data.words.noHits;
      byId("next").disabled = byId("previous").disabled = !hits.length;
    };

    var step = function (by) {
      if (!hits.length) { return; }
      if (at >= 0) { hits[at].classList.remove("here"); }
      at = at < 0 ? (by > 0 ? 0 : hits.length - 1) : (at + by + hits.length) % hits.length;
      hits[at].classList.add("here");
      hits[at].scrollIntoView({ block: "center" });
      byId("hits").textContent = (at + 1) + " / " + hits.length;
    };

    query.addEventListener("input", function () { clearTimeout(timer); timer = setTimeout(search, 120); });
    boxes.forEach(function (b) { b.addEventListener("change", search); });
    byId("next").addEventListener("click", function () { step(1); });
    byId("previous").addEventListener("click", function () { step(-1); });
    byId("search").addEventListener("submit", function (e) {
      e.preventDefault(); clearTimeout(timer);
      if (at < 0) { search(); }
      step(1);
    });
  }

  var long = byId("print-long");
  if (long) {
    long.addEventListener("change", function () { document.body.classList.toggle("print-long", long.checked); });
  }
  var opened = [];
  window.addEventListener("beforeprint", function () {
    opened = Array.prototype.slice.call(document.querySelectorAll("details:not([open])"));
    opened.forEach(function (d) { d.open = true; });
  });
  window.addEventListener("afterprint", function () {
    opened.forEach(function (d) { d.open = false; });
    opened = [];
  });
})();
