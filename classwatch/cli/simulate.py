"""``classwatch simulate``: lessons made to measure, with the whole truth about them."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from classwatch.cli import options
from classwatch.cli.console import note, print_json, say
from classwatch.cli.share_display import shown
from classwatch.core.errors import EXIT_OK, InputError, UsageError

if TYPE_CHECKING:
    from classwatch.simulate.produce import Produced, ProduceOptions
    from classwatch.simulate.script import Script

ScriptFile = Annotated[
    Path | None,
    typer.Argument(metavar="[SCRIPT]", help="Lesson script (YAML); without one, see --profile."),
]
Out = Annotated[
    Path | None,
    typer.Option("--out", "-o", metavar="DIR", help="Folder for media and truth."),
]
Profile = Annotated[
    str | None,
    typer.Option(
        "--profile",
        metavar="NAME",
        help="Generate a lesson: lecture, dialogue, practice, mixed or group.",
    ),
]
Lang = Annotated[
    Literal["zh", "en"] | None,
    typer.Option("--lang", help="Language of the lesson [zh]."),
]
Minutes = Annotated[
    float | None,
    typer.Option("--minutes", metavar="N", help="Length, about [3]."),
]
Students = Annotated[
    int | None,
    typer.Option("--students", metavar="N", help="Class size [24]."),
]
Age = Annotated[
    Literal["primary", "lower", "upper"] | None,
    typer.Option("--age", help="School stage [primary]."),
]
Subject = Annotated[
    str | None,
    typer.Option(
        "--subject",
        metavar="NAME",
        help="mathematics, chinese, english or science [by seed].",
    ),
]
Seed = Annotated[
    int | None, typer.Option("--seed", metavar="N", help="Everything left open follows from it.")
]
Cameras = Annotated[
    str | None,
    typer.Option(
        "--cameras",
        metavar="LIST",
        help="Of front, rear, side, tracking, screen, mix [front,rear].",
    ),
]
Size = Annotated[
    str | None,
    typer.Option("--size", metavar="WxH", help="Picture size [1280x720]."),
]
Fps = Annotated[
    float | None,
    typer.Option("--fps", metavar="N", help="Pictures a second [5]."),
]
Snr = Annotated[
    float | None,
    typer.Option("--snr", metavar="DB", help="Speech above noise [20]."),
]
Humans = Annotated[
    Path | None,
    typer.Option("--humans", metavar="DIR", help="Folder of rigged characters."),
]
Schematic = Annotated[bool, typer.Option("--schematic", help="Draw simple figures.")]
SoundOnly = Annotated[
    bool,
    typer.Option("--sound-only", "--no-picture", help="Make no pictures."),
]
ScriptOnly = Annotated[
    Path | None,
    typer.Option(
        "--write-script-only", metavar="FILE", help="Write the script (- for stdout), nothing else."
    ),
]
Images = Annotated[
    int | None,
    typer.Option("--images", metavar="N", min=1, help="Make labelled still pictures instead."),
]
Varied = Annotated[
    bool,
    typer.Option("--varied", help="With --images: make new characters from those of --humans."),
]
Workers = Annotated[
    int, typer.Option("--jobs", "-j", min=1, max=256, help="Processes side by side.")
]
_SIZE = re.compile(r"(\d{3,4})[xX×](\d{3,4})")


def simulate(  # noqa: PLR0913 - one parameter for each option
    script: ScriptFile = None,
    out: Out = None,
    profile: Profile = None,
    lang: Lang = None,
    minutes: Minutes = None,
    students: Students = None,
    age: Age = None,
    subject: Subject = None,
    seed: Seed = None,
    cameras: Cameras = None,
    size: Size = None,
    fps: Fps = None,
    snr: Snr = None,
    humans: Humans = None,
    schematic: Schematic = False,
    sound_only: SoundOnly = False,
    write_script_only: ScriptOnly = None,
    images: Images = None,
    varied: Varied = False,
    jobs: Workers = 2,
    json: options.Json = False,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> int:
    """Make a lesson with picture, sound and exact truth, or labelled still pictures.

    From a SCRIPT, or generated with --profile and a --seed. Everyone in it is invented. A second
    run with the same script does nothing; an interrupted one goes on where it stopped.
    """
    asked = _Asked(profile, lang, minutes, students, age, subject, seed, cameras, size, fps, snr)
    figures = _Figures(humans, schematic, sound_only)
    show = not (quiet or json)
    if images is not None:
        asked.check_images(script)
        figures.check_choice(needed=True)
        how_many = _How(asked.seed or 0, figures.folder, jobs, varied, as_json=json, show=show)
        return _images(images, _required(out), how_many)
    if varied:
        raise UsageError(
            "--varied has no meaning without --images",
            remedy="lessons are played by the characters as they are; leave it away",
        )
    lesson = _lesson(script, asked)
    if write_script_only is not None:
        return _write_script(lesson, write_script_only)
    figures.check_choice(needed=bool(lesson.cameras))
    from classwatch.simulate.produce import ProduceOptions, produce

    base = Path() if script is None else script.parent
    how = ProduceOptions(not sound_only, figures.folder, jobs, base)
    target = _required(out)
    began = time.monotonic()
    with shown(lesson.lesson_id, show) as progress:
        made = produce(lesson, target, how, progress)
    _report(made, how, time.monotonic() - began, as_json=json, show=show)
    return EXIT_OK


@dataclass(frozen=True, slots=True)
class _Asked:
    """Options of a generated lesson as given; None where they were not."""

    profile: str | None
    lang: Literal["zh", "en"] | None
    minutes: float | None
    students: int | None
    age: Literal["primary", "lower", "upper"] | None
    subject: str | None
    seed: int | None
    cameras: str | None
    size: str | None
    fps: float | None
    snr: float | None

    def given(self) -> list[str]:
        """Names of the options that were given."""
        return [f"--{name}" for name in self.__slots__ if getattr(self, name) is not None]

    def check_images(self, script: Path | None) -> None:
        """Raise where something is asked of a lesson although pictures are wanted."""
        given = [name for name in self.given() if name != "--seed"]
        if script is not None:
            given.append(str(script))
        if given:
            raise UsageError(
                f"{', '.join(given)} has no meaning with --images",
                remedy="stills follow from --seed alone; leave it away",
            )


@dataclass(frozen=True, slots=True)
class _How:
    """How to make stills and to tell of them."""

    seed: int
    figures: Path | None
    jobs: int
    varied: bool
    as_json: bool
    show: bool


@dataclass(frozen=True, slots=True)
class _Figures:
    folder: Path | None
    schematic: bool
    sound_only: bool

    def check_choice(self, *, needed: bool) -> None:
        """Raise where it is not clear who is to be drawn."""
        chosen = [self.folder is not None, self.schematic, self.sound_only]
        if sum(chosen) > 1:
            raise UsageError(
                "--humans, --schematic and --sound-only exclude each other", remedy="give one"
            )
        if needed and not any(chosen):
            raise UsageError(
                "pictures need characters: --humans DIR, a folder with one .npz file for each "
                "(a rigged, dressed body with skin weights and the joints of the COCO keypoints; "
                "docs/figure-folders.md says how to make them)",
                remedy="--schematic draws simple figures, --sound-only makes no pictures",
            )
        if self.folder is not None and not self.folder.is_dir():
            raise InputError(
                "no such folder",
                subject=f"--humans {self.folder}",
                remedy="see docs/figure-folders.md, or use --schematic",
            )


def _required(out: Path | None) -> Path:
    if out is None:
        raise UsageError("Missing option '--out'", remedy="--out DIR")
    return out


def _lesson(path: Path | None, asked: _Asked) -> Script:
    """The script in a file, or a generated one."""
    if path is not None:
        if asked.given():
            raise UsageError(
                f"{', '.join(asked.given())} cannot change a script that is given",
                remedy="edit the script, or leave it away to generate one",
            )
        from classwatch.simulate.read import read_script

        return read_script(path)
    if asked.profile is None:
        raise UsageError(
            "neither a script nor a profile is given",
            remedy="classwatch simulate SCRIPT.yaml --out DIR, or --profile dialogue --out DIR",
        )
    return _generated(asked)


def _generated(asked: _Asked) -> Script:
    from classwatch.simulate.generate import GeneratorConfig, default_cameras, generate

    kinds = [k.strip() for k in (asked.cameras or "front,rear").split(",") if k.strip()]
    views = default_cameras(kinds, size=_size(asked.size), fps=_fps(asked.fps))
    given = {
        "language": asked.lang,
        "minutes": asked.minutes,
        "students": asked.students,
        "age": asked.age,
        "subject": asked.subject,
        "seed": asked.seed,
        "snr_db": asked.snr,
    }
    chosen = {name: value for name, value in given.items() if value is not None}
    return generate(GeneratorConfig(profile=asked.profile or "", cameras=views, **chosen))  # type: ignore[arg-type]


def _size(text: str | None) -> tuple[int, int]:
    if text is None:
        return (1280, 720)
    match = _SIZE.fullmatch(text.strip())
    width, height = (int(match[1]), int(match[2])) if match else (0, 0)
    if not (160 <= width <= 3840 and 120 <= height <= 2160) or width % 2 or height % 2:
        raise UsageError(
            f"--size {text} is no picture size",
            remedy="even width and height from 160x120 to 3840x2160, such as 1280x720",
        )
    return (width, height)


def _fps(value: float | None) -> float:
    if value is None:
        return 5.0
    if not 0 < value <= 60:
        raise UsageError(f"--fps {value:g} is not between 0 and 60")
    return value


def _write_script(lesson: Script, target: Path) -> int:
    from classwatch.simulate.read import script_yaml
    from classwatch.store.files import replace_bytes

    text = script_yaml(lesson)
    if str(target) == "-":
        say(text.rstrip("\n"))
    else:
        replace_bytes(target, text.encode(), durable=False)
    return EXIT_OK


def _report(
    made: Produced, how: ProduceOptions, seconds: float, *, as_json: bool, show: bool
) -> None:
    record = made.record
    if as_json:
        print_json(
            {
                "schema": "classwatch.simulate/1",
                "folder": str(made.folder),
                "lesson_id": record.lesson_id,
                "duration_s": record.duration_s,
                "streams": list(record.streams),
                "reused": made.reused,
                "files": dict(record.files),
            }
        )
        return
    if not show:
        return
    what = "there already" if made.reused else f"made in {seconds:.1f} s"
    say(f"lesson: {record.lesson_id}, {record.duration_s:.1f} s, {what}")
    say(f"manifest: {made.folder / 'lesson.yaml'}")
    say(f"truth: {made.folder / 'truth'}")
    if how.picture and how.figures is None and not made.reused:
        note("The figures are schematic: fit for tests of the program, not for its accuracy.")


def _images(count: int, target: Path, how: _How) -> int:
    """Labelled stills: random rooms, people, cameras and acts."""
    from classwatch.simulate.film.shoot import FilmOptions
    from classwatch.simulate.film.stills import stills

    with shown(f"{count} pictures", how.show) as progress:
        film = FilmOptions(how.figures, how.jobs)
        made = stills(count, how.seed, target, film, progress, varied_figures=how.varied)
    if how.as_json:
        print_json(
            {
                "schema": "classwatch.simulate_images/1",
                "images": str(made.images),
                "coco": str(made.coco),
                "count": made.count,
                "people": made.people,
                "per_hour": made.per_hour,
            }
        )
    elif how.show:
        speed = "" if made.per_hour is None else f", {made.per_hour:.0f} an hour"
        say(f"pictures: {made.images} ({made.count}, {made.people} people{speed})")
        say(f"labels: {made.coco}")
    return EXIT_OK
