from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import classwatch
from classwatch.core.events import Event, EventKind
from classwatch.core.issues import Issue, Severity
from classwatch.core.measures import Measure, Unit, Why
from classwatch.core.people import ClassPictures
from classwatch.core.speech import Origin, Segment, SpeakerRole, Transcript
from classwatch.core.time import Interval
from classwatch.report.html import render
from classwatch.report.model import Language, ReportInput
from classwatch.report.words import words
from tests.report.page import Node, parse
from tests.report.sample import (
    LENGTH_S,
    empty_lesson,
    sample,
    silent_lesson,
    unseen_lesson,
    wordless_lesson,
)

LESSONS = {
    "whole": sample,
    "silent": silent_lesson,
    "unseen": unseen_lesson,
    "wordless": wordless_lesson,
    "empty": empty_lesson,
}
LANGUAGES: tuple[Language, ...] = ("zh-CN", "en")


@pytest.fixture(scope="module")
def html() -> str:
    return render(sample(), "zh-CN")


@pytest.fixture(scope="module")
def page(html: str) -> Node:
    return parse(html)


def body(page: Node) -> str:
    return page.one("body").text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", LESSONS)
def test_structure_of_every_lesson(name: str, language: Language) -> None:
    page = parse(render(LESSONS[name](), language))
    assert page.one("html").attributes["lang"] == language
    assert len(page.all("h1")) == len(page.all("main")) == len(page.one("head").all("title")) == 1
    ids = [n.attributes["id"] for n in page.all() if "id" in n.attributes]
    assert len(ids) == len(set(ids))
    targets = {n.attributes["href"] for n in page.all("a")}
    assert {t[1:] for t in targets} <= set(ids)
    for section in page.all("section"):
        assert section.attributes["aria-labelledby"] in ids
    for drawing in page.all("svg"):
        assert drawing.attributes["aria-label"]
    for control in page.all("input"):
        assert any(control in label.all("input") for label in page.all("label"))
    visible = re.sub(r"\s+", " ", page.one("body").text)
    assert not re.search(r"\bnan\b|\binf\b|None|undefined", visible.replace("none", ""))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", LESSONS)
def test_no_request_to_anywhere(name: str, language: Language) -> None:
    html = render(LESSONS[name](), language)
    page = parse(html)
    for node in page.all():
        for attribute in ("src", "srcset", "action", "data", "poster", "background", "ping"):
            assert attribute not in node.attributes, node
        for attribute, value in node.attributes.items():
            assert not attribute.startswith("on"), (node.tag, attribute)
            if attribute in {"href", "xlink:href"}:
                assert value.startswith("#")
    assert not page.all("link") + page.all("iframe") + page.all("img") + page.all("base")
    style = page.one("style").text
    assert "@import" not in style
    assert "url(" not in style
    assert "@font-face" not in style
    script = page.all("script")[-1].text
    for word in ("fetch", "XMLHttpRequest", "WebSocket", "innerHTML", "eval(", "http", "storage"):
        assert word not in script


def test_only_the_own_script_may_run(page: Node) -> None:
    policy = page.one("meta", **{"http-equiv": "Content-Security-Policy"}).attributes["content"]
    rules = dict(r.strip().split(" ", 1) for r in policy.split(";"))
    data, script = page.all("script")
    digest = base64.b64encode(hashlib.sha256(script.text.encode()).digest()).decode()
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == f"'sha256-{digest}'"
    assert data.attributes["type"] == "application/json"


EVIL = (
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg onload=alert(1)>",
    "{{ 7 * 7 }}{% raw %}",
    "</style><style>*{display:none}",
    "javascript:alert(1)",
    "<!--",
    "a\x00b\x1b[31m\ud800\u202e",
)


@pytest.mark.parametrize("evil", EVIL)
def test_foreign_text_stays_text(evil: str) -> None:
    whole = sample()
    assert whole.transcript is not None
    said = Segment(1.0, 2.0, evil, language=evil, speaker=evil, suspect=evil)
    report = replace(
        whole,
        lesson_id=evil,
        metadata={evil: evil, "school": evil},
        media=(replace(whole.media[0], name=evil, digest=evil),),
        issues=(Issue(evil, Severity.WARNING, evil, evil, evil, {evil: evil}),),
        transcript=replace(whole.transcript, segments=(said,), language=evil, model=evil),
        role_evidence=(replace(whole.role_evidence[0], speaker=evil, rule=evil),),
        pictures=(replace(whole.pictures[0], stream=evil), whole.pictures[0]),
        measures=(
            Measure(evil, Unit.COUNT, evil, evil, value=1.0, part=evil, stream=evil),
            Measure("x", Unit.COUNT, evil, evil, why=Why(evil)),
        ),
        definitions=(replace(whole.definitions[0], id=evil.partition("@")[0], name_zh=evil),),
        provenance=((evil, evil),),
        reasons={evil: evil},
    )
    html = render(report, "zh-CN")
    html.encode("utf-8")
    page, plain = parse(html), parse(render(whole, "zh-CN"))
    known = {n.tag for n in plain.all()}
    assert {n.tag for n in page.all()} <= known
    assert len(page.all("script")) == 2
    assert len(page.all("style")) == 1
    assert page.all("script")[1].text == plain.all("script")[1].text
    shown = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]", "\ufffd", evil)
    assert page.one("h1").text == shown
    assert page.one("s", class_="txt").text == shown
    data = json.loads(page.all("script")[0].text)
    assert any(shown in p["name"] for p in data["probes"])
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f]", html)


def test_same_lesson_same_bytes_in_any_process(html: str) -> None:
    code = (
        "import hashlib; from tests.report.sample import sample;"
        "from classwatch.report.html import render;"
        "print(hashlib.sha256(render(sample(), 'zh-CN').encode()).hexdigest())"
    )
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "TZ": f"Etc/GMT+{seed}", "PYTHONPATH": "."},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == hashlib.sha256(html.encode()).hexdigest()


def test_metadata_order_does_not_matter(html: str) -> None:
    whole = sample()
    turned = dict(reversed(whole.metadata.items()))
    assert render(replace(whole, metadata=turned), "zh-CN") == html


def test_a_long_lesson_is_small() -> None:
    report = sample(turns=1500)
    assert report.transcript is not None
    assert len(report.transcript.segments) > 1000
    html = render(report, "zh-CN")
    assert len(html.encode()) < 2_000_000


def test_importing_is_cheap() -> None:
    code = (
        "import sys, classwatch.report.html;"
        "print([m for m in ('jinja2', 'yaml', 'av', 'torch') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_quality_comes_before_numbers(page: Node) -> None:
    order = [s.attributes["id"] for s in page.all("section")]
    assert order[:3] == ["quality", "glance", "strips"]
    assert order.index("measures") < order.index("absent") < order.index("transcript")


def test_every_measure_is_shown_and_absent_is_not_zero(page: Node) -> None:
    report = sample()
    rows = {n.attributes["data-measure"]: n for n in page.all("tr", class_="main")}
    assert len(rows) == len(report.measures)
    for measure in report.measures:
        key = f"{measure.id}[{measure.part}]" if measure.part else measure.id
        cell = rows[key].all("td")[0].text
        if measure.why is None:
            assert "未测" not in cell
        else:
            assert cell.startswith("未测")
            assert len(rows[key].all("td")) == 1
    absent = page.one("section", id="absent").text
    assert "说话起止时间只精确到 0.5 秒，等待时间需要精确到 0.2 秒以内。" in absent
    assert "等待时间一（中位数）；等待时间二（中位数）" in absent


def test_a_row_says_what_was_divided_and_how_sure(page: Node) -> None:
    (row,) = page.all("tr", **{"data-measure": "heads.up_in_teacher_talk"})
    texts = [c.text for c in row.all("td")]
    assert texts[:4] == ["33.3 %", "11,214 ÷ 33,642", "30.1–36.2 %", "82.0 %"]


def test_definitions_gates_norms_and_evidence_fold_out(page: Node) -> None:
    measures = page.one("section", id="measures")
    text = measures.text
    assert "seconds(r) / lesson seconds" in text
    assert "68.0 % · US, 1970 · 3 s codes · Flanders 1970 (转引)" in text
    assert "enough seconds of speech：实得 1,402，要求 20" in text
    assert "edges of speech known finely enough (s)：实得 0.5，要求 0.2 未通过" in text
    links = [a for a in measures.all("a", class_="t") if a.attributes["data-t"] == "60.0"]
    assert links[0].text == "1:00"


def test_conditions_on_the_sound_are_met_missed_or_unknown(page: Node) -> None:
    text = page.one("section", id="quality").text
    assert "对声音的检查：3 项条件中满足 1 项" in text
    assert "实测 18.3，界限 10" in text
    assert "✗ 混响时间（衰减 60 dB）不大于上限（秒）" in text
    assert "– 回声（延迟 30–350 ms 的重复）强度不大于上限" in text
    assert "无法测量" in text


def test_no_grade_no_rank_no_judgement() -> None:
    judging = {
        "zh-CN": ("得分", "优秀", "良好", "合格", "较差", "专注", "参与度", "投入度", "名次"),
        "en": ("score", "engage", "attenti", "excellent", "poor", "smile", "mood", "stars"),
    }
    for language in LANGUAGES:
        rows = words(language).entries.items()
        said = [t for k, t in rows if not k.startswith(("feature.", "issue.", "doc.purpose"))]
        for word in judging[language]:
            assert not [t for t in said if word in t.lower()], word


def test_events_are_never_about_one_student() -> None:
    events = tuple(
        Event(EventKind.HAND_RAISED, 100.0 + k, 110.0 + k, "front", 987650 + k, 0.9)
        for k in range(3)
    )
    html = render(replace(sample(), events=events), "en")
    assert "98765" not in html
    listed = parse(html).one("details", class_="events")
    assert [a.text for a in listed.all("a")] == ["1:40"]
    assert "Times 1" in listed.text
    assert "Total time 12 s" in listed.text


def test_small_groups_are_not_counted_anywhere() -> None:
    times = np.arange(0.0, LENGTH_S)
    three = np.full(len(times), 3, np.int64)
    whole = sample()
    rows = (three, three, three, three, 0 * three, 0 * three)
    pictures = ClassPictures("front", whole.pictures[0].role, times, 1.0, *rows)
    page = parse(render(replace(whole, pictures=(pictures,)), "en"))
    assert "Hands raised" not in [s.one("b").text for s in page.all("p", class_="strip-head")]
    names = [p["name"] for p in json.loads(page.all("script")[0].text)["probes"]]
    assert "Hands raised" not in names
    assert "Heads up and down" not in names


def test_issues_are_translated_most_limiting_first(page: Node) -> None:
    rows = page.one("ul", class_="findings").all("li")
    assert [r.one("span", class_="tag").text for r in rows] == ["未测", "注意", "说明"]
    assert rows[0].all("div", lang="en")
    assert "没有哪个声音明显是教师（领先 0.05，需要 0.10）" in rows[1].text
    assert "提供标有说话人的文字稿" in rows[1].text
    english = parse(render(sample(), "en")).one("ul", class_="findings")
    assert "Two voices fit the teacher nearly equally well." in english.text


def test_an_issue_without_its_figures_keeps_the_original_wording() -> None:
    bare = Issue("roles.no_clear_teacher", Severity.WARNING, "roles", "Nobody stands out.")
    page = parse(render(replace(sample(), issues=(bare,)), "zh-CN"))
    assert "Nobody stands out." in page.one("ul", class_="findings").text
    assert "{margin" not in body(page)


def test_every_issue_that_is_raised_has_chinese_words() -> None:
    root = Path(classwatch.__file__).parent
    raised = re.compile(r'\bIssue\(\s*(?:code=)?"([a-z_.]+)"')
    codes = {c for p in root.rglob("*.py") for c in raised.findall(p.read_text(encoding="utf-8"))}
    say = words("zh-CN")
    assert sorted(c for c in codes if not say.find(f"issue.{c}.text")) == []


def test_quality_says_what_was_heard(page: Node) -> None:
    sheets = {s.one("h3").text: s.text for s in page.all("div", class_="sheet")}
    assert "28 dB" in sheets["声音"]
    assert "人声清楚" in sheets["声音"]
    assert "每 1 秒一张" in sheets["学生机位 · front"]
    assert "2,412 张" in sheets["学生机位 · front"]
    assert "比课堂时钟 +1.24 秒" in sheets["教师机位 · rear"]


@pytest.mark.parametrize(
    ("speech_db", "said"), [(-37.1, "可用"), (-37.0, "人声清楚"), (-46.1, "噪声较大")]
)
def test_signal_to_noise_in_words(speech_db: float, said: str) -> None:
    whole = sample()
    assert whole.activity is not None
    activity = replace(whole.activity, speech_db=speech_db, noise_db=-52.0)
    page = parse(render(replace(whole, activity=activity), "zh-CN"))
    assert said in page.all("div", class_="sheet")[0].text


def test_what_is_missing_is_said_in_words() -> None:
    silent = body(parse(render(silent_lesson(), "zh-CN")))
    assert "没有可用的声音" in silent
    assert "没有文字稿" in silent
    unseen = body(parse(render(unseen_lesson(), "zh-CN")))
    assert "没有可用的画面" in unseen
    assert "没有数据的横条：教师位置、举手人数、抬头与低头" in unseen
    nothing = body(parse(render(empty_lesson(), "zh-CN")))
    assert "没有发现影响使用的问题" not in nothing
    assert "没有可以画在时间轴上的数据" in nothing


def test_transcript_rows_and_their_times(page: Node) -> None:
    report = sample()
    assert report.transcript is not None
    rows = page.one("ol", id="lines").all("li")
    assert len(rows) == len(report.transcript.segments)
    for row, segment in zip(rows, report.transcript.segments, strict=True):
        assert row.one(class_="txt").text == segment.text
        assert bool(row.all("s")) is bool(segment.suspect)
        assert float(row.attributes["data-t"]) == pytest.approx(segment.start_s, abs=0.01)


def test_moments_lead_to_the_words_spoken_then() -> None:
    rows = tuple(Segment(a, a + 5.0, str(a), role=SpeakerRole.TEACHER) for a in (50.0, 10.0, 30.0))
    report = replace(
        empty_lesson(),
        span=Interval(0, 100),
        transcript=Transcript(rows, "en", Origin.SUPPLIED),
        events=tuple(
            Event(EventKind.TEACHER_AT_BOARD, t, t + 1, "a", 0, 1.0)
            for t in (5.0, 10.0, 32.0, 99.0)
        ),
    )
    page = parse(render(report, "en"))
    links = page.one("details", class_="events").all("a")
    found = [page.one("li", id=a.attributes["href"][1:]).one(class_="txt").text for a in links]
    assert found == ["10.0", "10.0", "30.0", "50.0"]


def test_supplied_words_say_so() -> None:
    whole = sample()
    assert whole.transcript is not None
    supplied = replace(whole.transcript, origin=Origin.SUPPLIED, model="")
    assert "用户提供" in body(parse(render(replace(whole, transcript=supplied), "zh-CN")))


def test_purpose_appeal_and_signatures(page: Node) -> None:
    text = body(page)
    assert "不作为考核依据" in text
    assert "不得单独用于考核、职称评定、评奖或排名" in text
    sign = page.one("section", id="sign")
    assert sign.all("textarea")
    assert "授课教师" in sign.text
    assert "观课 / 教研员" in sign.text


def test_a_measure_nobody_defined_is_still_shown() -> None:
    report = ReportInput(
        "x",
        Interval(0, 60),
        measures=(Measure("new.thing@5s", Unit.COUNT, "n/1", "all", value=3.0),),
    )
    row = parse(render(report, "en")).one("tr", class_="main")
    assert "new.thing@5s" in row.text
    assert row.all("td")[0].text == "3"
