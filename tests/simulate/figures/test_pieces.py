from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from classwatch.simulate.figures.pieces import pieces_of
from classwatch.simulate.script import Act, ActKind
from tests.simulate.figures.made import script, timeline

KINDS = (ActKind.WRITE, ActKind.READ, ActKind.STAND)


def spans(*acts: Act, who: str = "s1") -> list[tuple[float, float, str]]:
    found = pieces_of(timeline(script(*acts)), who, ActKind.LISTEN)
    return [(p.start_s, p.end_s, p.kind.value) for p in found]


def test_without_acts_one_does_the_usual_thing() -> None:
    assert spans() == [(0.0, 60.0, "listen")]


def test_the_later_act_in_the_script_wins_and_the_earlier_one_goes_on_after_it() -> None:
    acts = (
        Act(who="s1", kind=ActKind.WRITE, start=10, end=40),
        Act(who="all_students", kind=ActKind.READ, start=20, end=25),
        Act(who="s2", kind=ActKind.SLEEP, start=0, end=60),
    )
    assert spans(*acts) == [
        (0.0, 10.0, "listen"),
        (10.0, 20.0, "write"),
        (20.0, 25.0, "read"),
        (25.0, 40.0, "write"),
        (40.0, 60.0, "listen"),
    ]


def test_the_same_again_is_one_piece() -> None:
    acts = tuple(Act(who="s1", kind=ActKind.WRITE, start=t, end=t + 5) for t in (10, 15))
    assert spans(*acts) == [(0, 10, "listen"), (10, 20, "write"), (20, 60, "listen")]


@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(1, 10), st.sampled_from(KINDS)), max_size=8)
)
def test_pieces_cover_the_lesson_and_each_second_shows_the_last_act_that_claims_it(
    drawn: list[tuple[int, int, ActKind]],
) -> None:
    acts = tuple(Act(who="s1", kind=k, start=a, end=min(a + d, 60)) for a, d, k in drawn)
    found = spans(*acts)
    assert found[0][0] == 0.0
    assert found[-1][1] == 60.0
    assert all(a[1] == b[0] for a, b in pairwise(found))
    for second in range(60):
        claims = [k.value for a, d, k in drawn if a <= second < min(a + d, 60)]
        shown = next(k for a, b, k in found if a <= second < b)
        assert shown == (claims[-1] if claims else "listen")
