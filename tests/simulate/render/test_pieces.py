"""A body cut by a desk is the larger part; a bottle in front parts nobody."""

import numpy as np

from classwatch.simulate.render.pieces import largest_piece


def test_legs_below_a_desk_are_left_out() -> None:
    mask = np.zeros((100, 40), np.bool_)
    mask[:60] = True
    mask[75:, 10:20] = True
    piece = largest_piece(mask)
    assert piece[:60].all()
    assert not piece[60:].any()


def test_a_thin_thing_in_front_does_not_part_a_body() -> None:
    mask = np.ones((100, 40), np.bool_)
    mask[:, 20:22] = False
    np.testing.assert_array_equal(largest_piece(mask), mask)


def test_the_larger_of_two_pieces_is_taken_wherever_it_is() -> None:
    mask = np.zeros((50, 50), np.bool_)
    mask[:10, :10] = True
    mask[30:, 20:] = True
    expected = np.zeros_like(mask)
    expected[30:, 20:] = True
    np.testing.assert_array_equal(largest_piece(mask), expected)
