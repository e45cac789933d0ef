"""What is written and shown: it grows, changes at the times given, and can be painted."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from classwatch.simulate.room.board import (
    LINES_ON_BOARD,
    BoardContent,
    SlideKind,
    board_at,
    board_times,
)
from classwatch.simulate.room.board_pictures import (
    board_texture,
    screen_texture,
    slide_picture,
)
from classwatch.simulate.room.look import draw_look
from classwatch.simulate.script import Act, Person, Phase, Playback, Room, Script, Utterance
from classwatch.simulate.timeline import Spoken, Timeline, resolve


def lesson(*, acts: int = 2, film: bool = False, end_s: float = 200.0) -> Timeline:
    """A teacher who talks every ten seconds and writes for 20 s every 40 s."""
    texts = ("今天我们学习分数，请看黑板。", "把一个月饼平均分成两份。", "每份是它的二分之一。")
    script = Script(
        lesson_id="demo",
        seed=3,
        metadata={"subject": "mathematics", "topic": "认识分数"},
        people=(Person(id="t", kind="teacher"), Person(id="s1", kind="student", seat="r1c1")),
        phases=(Phase(kind="lecture", start=0), Phase(kind="practice", start=150)),
        utterances=tuple(
            Utterance(id=f"u{k}", speaker="t" if k % 3 else "s1", text=texts[k % 3], start=10.0 * k)
            for k in range(15)
        ),
        acts=tuple(
            Act(who="t", kind="board", start=20.0 + 40 * k, end=40.0 + 40 * k) for k in range(acts)
        ),
        playbacks=(Playback(start=100, end=130, text="看一段录像"),) if film else (),
        end=end_s,
    )
    spoken = {u.id: Spoken(3.0, ((0.0, 3.0),)) for u in script.utterances}
    return resolve(script, spoken)


def test_nothing_is_written_before_somebody_writes() -> None:
    assert board_at(lesson(), 0.0).lines == ()
    assert board_at(lesson(), 20.0).lines == ()
    assert board_at(lesson(acts=0), 190.0).lines == ()


def test_writing_grows_line_by_line_while_somebody_is_at_the_board() -> None:
    """20 s at the board are four lines of 5 s, 4 s apart; the topic comes first."""
    timeline = lesson()
    counts = [len(board_at(timeline, t).lines) for t in (20, 24, 28, 32, 36, 40, 59, 64, 76)]
    assert counts == [0, 1, 2, 3, 4, 4, 4, 5, 8]
    assert board_at(timeline, 24.0).lines == ("认识分数",)
    before, after = board_at(timeline, 40.0).lines, board_at(timeline, 76.0).lines
    assert after[:4] == before


def test_lines_are_words_of_the_teacher() -> None:
    lines = board_at(lesson(), 199.0).lines
    assert "把一个月饼平均分成两份" in lines
    assert not any("今天我们学习" in line for line in lines)


def test_no_line_is_written_twice() -> None:
    lines = board_at(lesson(acts=3), 99.0).lines
    assert len(lines) == LINES_ON_BOARD
    assert len(set(lines)) == LINES_ON_BOARD


def test_two_people_at_the_board_write_in_turn() -> None:
    """From 20 s to 40 s one writes four lines, from 22 s to 32 s another two: 25.3 and 28.7."""
    alone = lesson(acts=1)
    helper = Act(who="s1", kind="board", start=22.0, end=32.0)
    script = alone.script.model_copy(update={"acts": (*alone.script.acts, helper)})
    both = resolve(script, {u.id: Spoken(3.0, ((0.0, 3.0),)) for u in script.utterances})
    counts = [len(board_at(both, t).lines) for t in (23.9, 24, 25.4, 28, 28.7, 32, 36)]
    assert counts == [0, 1, 2, 3, 4, 5, 6]
    assert board_at(alone, 39.0).lines[0] == board_at(both, 39.0).lines[0]


def test_a_full_board_is_wiped_down_to_its_title() -> None:
    timeline = lesson(acts=4)
    assert len(board_at(timeline, 99.0).lines) == LINES_ON_BOARD
    wiped = board_at(timeline, 105.0).lines
    assert len(wiped) == 2
    assert wiped[0] == "认识分数"


@pytest.mark.parametrize("film", [False, True])
def test_content_changes_only_at_the_times_given(film: bool) -> None:
    timeline = lesson(film=film)
    times = board_times(timeline)
    assert times[0] == 0
    assert list(times) == sorted(set(times))
    assert len(times) < 60
    for start, end in zip(times, (*times[1:], timeline.duration_s), strict=True):
        contents = {board_at(timeline, start + share * (end - start)) for share in (0, 0.4, 0.999)}
        assert len(contents) == 1
    states = [board_at(timeline, t) for t in times]
    assert all(a != b for a, b in itertools.pairwise(states))


def test_slides_follow_the_phases() -> None:
    timeline = lesson()
    assert board_at(timeline, 0.0).slide.kind is SlideKind.TITLE
    assert board_at(timeline, 0.0).slide.title == "认识分数"
    assert board_at(timeline, 151.0).slide.kind is SlideKind.TASK
    numbers = [board_at(timeline, t).slide.number for t in range(0, 199, 5)]
    assert numbers == sorted(numbers)


def test_a_film_runs_while_it_is_played() -> None:
    timeline = lesson(film=True)
    assert board_at(timeline, 99.9).slide.kind is not SlideKind.FILM
    assert board_at(timeline, 110.0).slide.kind is SlideKind.FILM
    assert board_at(timeline, 130.0).slide.kind is not SlideKind.FILM
    first, second = (slide_picture(timeline, t, 320, 180) for t in (110.0, 110.2))
    assert (first != second).any()


def test_a_long_film_changes_the_room_a_bounded_number_of_times() -> None:
    timeline = lesson(film=True, end_s=2000.0)
    script = timeline.script.model_copy(update={"playbacks": (Playback(start=100, end=1900),)})
    spoken = {u.id: Spoken(3.0, ((0.0, 3.0),)) for u in script.utterances}
    long = resolve(script, spoken)
    assert len([t for t in board_times(long) if 100 <= t <= 1900]) < 80


@pytest.mark.parametrize("size", [(320, 180), (641, 479)])
def test_a_slide_has_the_size_asked_for_and_stays_between_changes(size: tuple[int, int]) -> None:
    timeline = lesson()
    width, height = size
    picture = slide_picture(timeline, 30.0, width, height)
    assert picture.shape == (height, width, 3)
    assert picture.dtype == np.uint8
    assert picture.std() > 5
    assert (picture == slide_picture(timeline, 31.0, width, height)).all()


def test_writing_shows_on_the_board_where_the_screen_does_not_cover_it() -> None:
    for seed in (0, 1, 4):
        look = draw_look(Room(), seed)
        empty = board_texture(BoardContent(), look, seed).astype(int)
        one = board_texture(BoardContent(("认识分数",)), look, seed).astype(int)
        two = board_texture(BoardContent(("认识分数", "1/2")), look, seed).astype(int)
        assert empty.shape[0] & (empty.shape[0] - 1) == 0
        first, second = np.abs(one - empty).max(axis=2) > 40, np.abs(two - one).max(axis=2) > 40
        assert first.sum() > 300
        assert second.sum() > 60
        assert not (first & second).any()
        # In the left part, and the second line below the first.
        assert np.nonzero(first)[1].max() < 0.5 * empty.shape[1]
        assert np.nonzero(first)[0].max() < np.nonzero(second)[0].max()


def test_a_screen_that_is_off_is_dark() -> None:
    content = board_at(lesson(), 30.0)
    assert screen_texture(content, lit=False).max() < 20
    assert screen_texture(content).mean() > 60
    assert screen_texture(BoardContent()).max() < 20
