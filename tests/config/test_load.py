"""Loading configurations: presets, files, --set, and what is said when they are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from classwatch.config.load import config_schema, field_docs, load_config, presets, section_docs
from classwatch.config.schema import Config
from classwatch.core.errors import UsageError


def write(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_without_arguments_the_schema_defaults_hold() -> None:
    assert load_config() == Config() == load_config("default")


def test_every_preset_loads_and_all_but_the_default_differ() -> None:
    loaded = {p.name: load_config(p.name) for p in presets()}
    assert {"default", "fast", "careful", "no-words", "sound-only"} <= set(loaded)
    dumps = [config.model_dump_json() for config in loaded.values()]
    assert len(set(dumps)) == len(dumps)
    assert all(p.description for p in presets())


def test_fast_looks_at_fewer_and_smaller_pictures_than_careful() -> None:
    fast, careful = load_config("fast"), load_config("careful")
    assert fast.media.student_every_s > careful.media.student_every_s
    assert fast.pose.input_px < careful.pose.input_px


def test_later_settings_win(tmp_path: Path) -> None:
    file = write(tmp_path / "c.yaml", "extends: fast\npose: {iou: 0.5}\nvad: {threshold: 0.4}\n")
    config = load_config(
        file,
        ["vad.threshold=0.3", "vad.threshold=0.2"],
        transcribe__language="zh",
        vad__min_speech_s=None,
    )
    assert config.media.student_every_s == load_config("fast").media.student_every_s
    assert config.pose.iou == 0.5
    assert config.vad.threshold == 0.2
    assert config.transcribe.language == "zh"
    assert (
        load_config(None, ["transcribe.language=en"], transcribe__language="zh").transcribe.language
        == "en"
    )


def test_extends_is_read_relative_to_the_file(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    write(tmp_path / "base.yaml", "pose: {iou: 0.4}\n")
    file = write(
        tmp_path / "inner" / "mine.yaml", "extends: ../base.yaml\npose: {min_score: 0.1}\n"
    )
    config = load_config(file)
    assert (config.pose.iou, config.pose.min_score) == (0.4, 0.1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("media.audio_track=2", 2),
        ("media.audio_track=null", None),
        ("media.audio_track=", None),
        ("media.student_every_s=0.5", 0.5),
        ("transcribe.model=none", "none"),
        ("transcribe.model=123", "123"),
        ("transcribe.hotwords=a=b: c # d", "a=b: c # d"),
        ("transcribe.prompt_zh=同学们好", "同学们好"),
        ("metrics.st_interval_s=15", 15),
    ],
)
def test_set_gives_each_field_its_own_type(text: str, expected: object) -> None:
    section, key = text.partition("=")[0].split(".")
    value = getattr(getattr(load_config(None, [text]), section), key)
    assert value == expected
    assert type(value) is type(expected)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("media.studnt_every_s=1", ["media.studnt_every_s", "student_every_s"]),
        ("meida.skip=auto", ["meida", "did you mean `media`"]),
        (
            "media.student_every_s=100",
            ["media.student_every_s", "100", "at least 0.04", "at most 60"],
        ),
        ("media.student_every_s=nan", ["media.student_every_s"]),
        ("media.student_every_s=x", ["'x'", "a number"]),
        ("pose.input_px=641", ["multiple of 32"]),
        ("pose.input_px=640.5", ["a whole number"]),
        ("media.skip=all", ["auto, none, nonref, keyframes"]),
        ("vad.threshold=1.5", ["at most 1"]),
        ("media.audio_track=true", ["media.audio_track"]),
        ("nonsense", ["section.key=value"]),
        ("a.b.c=1", ["section.key=value"]),
        ("=1", ["section.key=value"]),
        ("media.skip={[", ["media.skip", "auto"]),
    ],
)
def test_a_wrong_set_names_the_key_and_what_is_allowed(text: str, parts: list[str]) -> None:
    with pytest.raises(UsageError) as caught:
        load_config(None, [text])
    assert caught.value.exit_code == 2
    assert text in caught.value.subject or "--set" in caught.value.subject
    for part in parts:
        assert part in str(caught.value)


def test_an_unknown_preset_names_the_nearest() -> None:
    with pytest.raises(UsageError, match="did you mean `careful`") as caught:
        load_config("carefull")
    assert "default" in caught.value.remedy


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("media: {skip: auto, skip: none}", "given twice"),
        ("media: {skip: auto}\nmedia: {chunk_s: 60}", "given twice"),
        ("a: &x [1]\nb: *x", "alias"),
        ("media: !!python/object/apply:os.system ['true']", "could not determine a constructor"),
        ("media: [1, 2]", "`media` must hold keys and values"),
        ("medai: 3", "did you mean `media`"),
        ("- 1", "not a configuration"),
        ("just text", "not a configuration"),
        ("media: {skip: [", "line 1"),
        ("a: 2024-13-45", "not valid YAML"),
        ("extends: [fast]", "extends"),
        ("extends: nowhere", "nowhere"),
        ("extends: gone.yaml", "no such file"),
        ("[" * 3000, "too deeply"),
        ("media: {student_every_s: 0}", "media.student_every_s"),
    ],
)
def test_a_bad_file_is_named(tmp_path: Path, text: str, part: str) -> None:
    file = write(tmp_path / "c.yaml", text)
    with pytest.raises(UsageError) as caught:
        load_config(file)
    assert part in str(caught.value)
    assert str(tmp_path) in str(caught.value) or "preset" in str(caught.value)


def test_extends_in_a_circle_ends(tmp_path: Path) -> None:
    write(tmp_path / "a.yaml", "extends: b.yaml")
    write(tmp_path / "b.yaml", "extends: a.yaml")
    with pytest.raises(UsageError, match=r"a\.yaml -> b\.yaml -> a\.yaml"):
        load_config(str(tmp_path / "a.yaml"))


def test_a_huge_file_a_folder_and_a_binary_file_are_refused(tmp_path: Path) -> None:
    write(tmp_path / "big.yaml", "# " + "x" * 5_000_000)
    (tmp_path / "folder.yaml").mkdir()
    (tmp_path / "binary.yaml").write_bytes(b"\x80\x81\xff" * 10)
    for name, part in (("big", "larger than"), ("folder", "folder"), ("binary", "UTF-8")):
        with pytest.raises(UsageError, match=part):
            load_config(str(tmp_path / f"{name}.yaml"))


def test_utf8_with_bom_and_utf16_are_read(tmp_path: Path) -> None:
    text = "transcribe: {prompt_zh: 同学们好}"
    for encoding in ("utf-8-sig", "utf-16"):
        path = tmp_path / f"{encoding}.yaml"
        path.write_text(text, encoding=encoding)
        assert load_config(str(path)).transcribe.prompt_zh == "同学们好"


def test_every_field_and_section_has_a_doc() -> None:
    docs = field_docs()
    known = {f"{s}.{f}" for s, values in Config().model_dump().items() for f in values}
    assert set(docs) == known
    assert all(d.doc and d.allowed for d in docs.values())
    assert all(section_docs()[name] for name in Config.model_fields)


def test_the_schema_describes_what_load_accepts() -> None:
    schema = config_schema()
    assert schema["additionalProperties"] is False
    media = schema["$defs"]["MediaConfig"]["properties"]["student_every_s"]
    assert (media["minimum"], media["maximum"], media["default"]) == (0.04, 60, 1.0)


def test_a_dumped_configuration_reads_back(tmp_path: Path) -> None:
    config = load_config("careful", ["media.audio_track=1"])
    file = write(tmp_path / "c.yaml", yaml.safe_dump(config.model_dump(mode="json")))
    assert load_config(file) == config
