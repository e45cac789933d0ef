"""Roles of turns by a small network over their evidence (``role_units``)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from classwatch.core.speech import SpeakerRole
from classwatch.models.shipped import SPEECH_ROLES, shipped
from classwatch.speech.network import SmallNetwork, load_network
from classwatch.speech.role_units import NAMES, Array, Units

FILE = "roles.npz"
SURE = 0.35
"""Probability below which a turn's role stays unknown."""
_OWN = 0.25
"""How much of a turn's evidence is its own; the rest is that of all turns of its part
of a voice."""
_REMEDY = "reinstall classwatch, or make the file again with `python -m classwatch.train.roles`"
_SINGLE = (SpeakerRole.TEACHER, SpeakerRole.STUDENT, SpeakerRole.ADULT)
_LESS = {SpeakerRole.CHORAL: 0.5, SpeakerRole.STUDENTS: 1.5, SpeakerRole.PLAYBACK: 1.5}
_TAKEN_MORE, _ADULT_LESS = 0.5, 0.5
"""In nats: what speaks against a crowd where the kinds of sound heard one voice, for the role that
they gave where they did not, and against another adult: half of the lessons that the network was
fitted on have one, few others do."""


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Role of each unit, and the probability (n, k) of each of ``labels``.

    ``nobody_teaches`` is the share of the talk that sounds as if it came out of no lesson.
    """

    role: tuple[SpeakerRole, ...]
    labels: tuple[SpeakerRole, ...]
    probability: Array
    nobody_teaches: float


@cache
def shipped_network() -> SmallNetwork:
    """The network that ships. Raises ``ModelError`` where it cannot be loaded."""
    return load_network(shipped(SPEECH_ROLES).path, len(NAMES), SpeakerRole, _REMEDY)


def judge(network: SmallNetwork, features: Array, units: Units) -> Judged:
    """Roles of n units from their figures (n, ``NAMES``).

    A part of a voice mostly keeps one role: what its turns say about teacher, student or other
    adult is drawn to the mean over the part, weighted by length.
    """
    labels = tuple(SpeakerRole(label) for label in network.labels)
    log_shares = network.log_probabilities(features.astype(np.float32))
    length_s = units.span[:, 1] - units.span[:, 0]
    no_lesson = [label is SpeakerRole.UNKNOWN for label in labels]
    nobody_teaches = float(
        np.average(np.exp(log_shares[:, no_lesson]).sum(axis=1), weights=length_s)
    )
    kept = np.flatnonzero(~np.array(no_lesson))
    labels = tuple(labels[at] for at in kept.tolist())
    drawn = _led(_drawn(_weighed(log_shares[:, kept], labels, units), labels, units), labels, units)
    probability = np.exp(drawn - drawn.max(axis=1, keepdims=True, initial=-np.inf))
    probability /= probability.sum(axis=1, keepdims=True)
    best = probability.argmax(axis=1)
    roles = tuple(
        labels[b] if p[b] >= SURE else SpeakerRole.UNKNOWN
        for b, p in zip(best, probability, strict=True)
    )
    return Judged(roles, labels, probability, nobody_teaches)


def _weighed(log_shares: Array, labels: tuple[SpeakerRole, ...], units: Units) -> Array:
    """Log shares (n, k) with what the kinds of sound say, and with how rare other adults are."""
    alone = np.array([role is None for role in units.role], np.bool_)[:, None]
    crowd_less = np.array([_LESS.get(label, 0.0) for label in labels])
    taken = np.array([[role is label for label in labels] for role in units.role])
    adults = np.array([label is SpeakerRole.ADULT for label in labels])
    weighed: Array = log_shares - _ADULT_LESS * adults
    weighed += _TAKEN_MORE * taken - alone * crowd_less
    return weighed


def _drawn(log_shares: Array, labels: tuple[SpeakerRole, ...], units: Units) -> Array:
    """Log shares (n, k) of single voices drawn to the mean over each part."""
    single = np.flatnonzero([label in _SINGLE for label in labels])
    length_s = units.span[:, 1] - units.span[:, 0]
    alone = np.array([role is None for role in units.role], np.bool_)
    drawn = log_shares.copy()
    for part in np.unique(units.part[(units.part >= 0) & alone]).tolist():
        own = np.flatnonzero((units.part == part) & alone)
        block = log_shares[np.ix_(own, single)]
        within = np.logaddexp.reduce(block, axis=1, keepdims=True)
        mean = np.average(block - within, axis=0, weights=length_s[own])
        mixed = _OWN * (block - within) + (1.0 - _OWN) * mean
        mixed -= np.logaddexp.reduce(mixed, axis=1, keepdims=True)
        drawn[np.ix_(own, single)] = mixed + within
    return drawn


def _led(log_shares: Array, labels: tuple[SpeakerRole, ...], units: Units) -> Array:
    """Log shares (n, k) in which somebody teaches.

    Another adult is one beside the teacher: where nobody is the teacher, the voice that is most of
    what seems to be another adult is.
    """
    roles = [labels[at] for at in log_shares.argmax(axis=1).tolist()]
    adult = np.array([role is SpeakerRole.ADULT for role in roles], np.bool_) & (units.voice >= 0)
    if SpeakerRole.TEACHER in roles or SpeakerRole.TEACHER not in labels or not adult.any():
        return log_shares
    length_s = units.span[:, 1] - units.span[:, 0]
    leads = int(np.bincount(units.voice[adult], length_s[adult]).argmax())
    own = units.voice == leads
    led = log_shares.copy()
    both = [labels.index(SpeakerRole.TEACHER), labels.index(SpeakerRole.ADULT)]
    led[own, both[0]] = np.logaddexp.reduce(log_shares[np.ix_(own, both)], axis=1)
    led[own, both[1]] = -np.inf
    return led
