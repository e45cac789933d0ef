"""The report in a real browser: the script runs under its policy, and the page works."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from classwatch.report.html import render
from classwatch.report.model import Language
from tests.report.page import Node, parse
from tests.report.sample import empty_lesson, sample

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--virtual-time-budget=5000",
)


@pytest.fixture(scope="module")
def chromium() -> str:
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip(f"no browser found (looked for {', '.join(NAMES)})")
    return found


def browse(chromium: str, page: Path, *flags: str) -> str:
    with tempfile.TemporaryDirectory() as profile:
        done = subprocess.run(
            [chromium, *FLAGS, f"--user-data-dir={profile}", *flags, page.as_uri()],
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
    return done.stdout


def report_after(chromium: str, folder: Path, script: str, size: str = "1280,900") -> Node:
    """The page after ``script``, which is let through the policy by its own hash."""
    html = render(sample(), "en")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    html = html.replace("script-src '", f"script-src 'sha256-{digest}' '", 1)
    html = html.replace("</body>", f"<script>{script}</script></body>")
    path = folder / "报告 1.html"
    path.write_text(html, encoding="utf-8")
    return parse(browse(chromium, path, f"--window-size={size}", "--dump-dom"))


def noted(page: Node) -> dict[str, object]:
    found: dict[str, object] = json.loads(page.one("body").attributes["data-noted"])
    return found


NOTE = "document.body.dataset.noted = JSON.stringify"


def test_own_script_runs_and_an_injected_one_does_not(chromium: str, tmp_path: Path) -> None:
    html = render(sample(), "zh-CN")
    assert "js" not in parse(html).one("html").attributes.get("class", "")
    path = tmp_path / "r.html"
    extra = "<script>document.documentElement.classList.add('broken')</script></body>"
    path.write_text(html.replace("</body>", extra), encoding="utf-8")
    root = parse(browse(chromium, path, "--dump-dom")).one("html")
    assert root.attributes["class"] == "js"


def test_search_counts_hits_and_filter_hides_roles(chromium: str, tmp_path: Path) -> None:
    page = report_after(
        chromium,
        tmp_path,
        """
        const q = document.getElementById("query");
        q.value = "分子"; q.dispatchEvent(new Event("input"));
        setTimeout(() => {
          const first = document.getElementById("hits").textContent;
          const marks = document.querySelectorAll("#lines mark").length;
          document.querySelector("#search input[value=teacher]").click();
          const left = [...document.querySelectorAll("#lines li")].filter(l => !l.hidden).length;
          const after = document.getElementById("hits").textContent;
          document.getElementById("next").click();
          const here = document.querySelectorAll("mark.here").length;
          q.value = "<b>"; q.dispatchEvent(new Event("input"));
          setTimeout(() => {
            const none = document.getElementById("hits").textContent;
            const text = document.querySelector("#seg-0 .txt").textContent;
            NOTE({first, marks, left, after, here, none, text});
          }, 500);
        }, 500);
        """.replace("NOTE", NOTE),
    )
    report = sample()
    assert report.transcript is not None
    segments = report.transcript.segments
    hits = sum(s.text.count("分子") for s in segments)
    others = [s for s in segments if s.role.value != "teacher"]
    assert noted(page) == {
        "first": f"{hits} found",
        "marks": hits,
        "left": len(others),
        "after": f"{sum(s.text.count('分子') for s in others)} found",
        "here": 1,
        "none": "nothing found",
        "text": segments[0].text,
    }


def test_pointing_reads_the_strips_and_clicking_leads_to_the_words(
    chromium: str, tmp_path: Path
) -> None:
    page = report_after(
        chromium,
        tmp_path,
        """
        const over = document.getElementById("over"), box = over.getBoundingClientRect();
        const at = {clientX: box.left + box.width * 0.25, clientY: box.top + 5, bubbles: true};
        over.dispatchEvent(new PointerEvent("pointermove", at));
        const time = document.getElementById("readout-time").textContent;
        const said = document.getElementById("readout-text").textContent;
        over.dispatchEvent(new MouseEvent("click", {...at, detail: 1}));
        const row = document.querySelector("#lines li.now").id;
        over.dispatchEvent(new KeyboardEvent("keydown", {key: "ArrowRight"}));
        const moved = over.getAttribute("aria-valuenow");
        document.querySelector("#measures a.t[data-t='60.0']").click();
        const linked = over.getAttribute("aria-valuenow");
        NOTE({time, said, row, moved, linked});
        """.replace("NOTE", NOTE),
    )
    report = sample()
    assert report.transcript is not None
    t = report.span.end_s * 0.25
    before = [k for k, s in enumerate(report.transcript.segments) if s.start_s <= t]
    found = noted(page)
    assert found["time"] == "10:03"
    assert found["row"] == f"seg-{before[-1]}"
    assert found["moved"] == "608"
    assert found["linked"] == "60"
    assert re.search(r"Heads up and down \d+ % up, \d+ % down", str(found["said"]))


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_nothing_is_wider_than_a_phone(chromium: str, tmp_path: Path, language: Language) -> None:
    # A headless window is never narrower than 500 px, so the phone is a frame in a page.
    html = render(sample(chinese=language == "zh-CN"), language)
    (tmp_path / "r.html").write_text(html, encoding="utf-8")
    outer = tmp_path / "outer.html"
    outer.write_text(
        "<body><iframe src='r.html' style='width:360px;height:800px;border:0'></iframe><script>"
        "onload = () => { const d = document.querySelector('iframe').contentDocument;"
        "document.body.dataset.noted = JSON.stringify({width: d.documentElement.scrollWidth,"
        "inner: document.querySelector('iframe').contentWindow.innerWidth}); };</script></body>",
        encoding="utf-8",
    )
    dump = browse(chromium, outer, "--allow-file-access-from-files", "--dump-dom")
    noted_text = re.search(r'data-noted="([^"]*)"', dump)
    assert noted_text is not None
    assert json.loads(noted_text.group(1).replace("&quot;", '"')) == {"width": 360, "inner": 360}


def test_prints_on_a4_with_definitions_and_without_the_transcript(
    chromium: str, tmp_path: Path
) -> None:
    reader = shutil.which("pdftotext")
    if reader is None:
        pytest.skip("no pdftotext to read the print with")
    path, pdf = tmp_path / "r.html", tmp_path / "r.pdf"
    path.write_text(render(sample(chinese=False), "en"), encoding="utf-8")
    browse(chromium, path, "--no-pdf-header-footer", f"--print-to-pdf={pdf}")
    done = subprocess.run([reader, "-layout", pdf, "-"], capture_output=True, check=True)
    text = done.stdout.decode("utf-8")
    assert "Ch = (g - 1) / N" in text
    assert "Transcript and evidence list were not printed" in text
    assert "我们组是先画图" not in text
    assert 3 <= text.count("\f") <= 12


def test_the_empty_lesson_has_no_script_error(chromium: str, tmp_path: Path) -> None:
    path = tmp_path / "r.html"
    script = "document.documentElement.dataset.late = String(window.failed || 'fine');"
    early = "addEventListener('error', e => { window.failed = e.message; });"
    html = render(empty_lesson(), "zh-CN")
    allowed = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(s.encode()).digest()).decode()}'"
        for s in (script, early)
    )
    html = html.replace("script-src '", f"script-src {allowed} '", 1)
    html = html.replace("</title>", f"</title><script>{early}</script>", 1)
    html = html.replace("</body>", f"<script>{script}</script></body>")
    path.write_text(html, encoding="utf-8")
    root = parse(browse(chromium, path, "--dump-dom")).one("html")
    assert root.attributes["data-late"] == "fine"
    assert root.attributes["class"] == "js"
