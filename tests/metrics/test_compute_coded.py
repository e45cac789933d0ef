from __future__ import annotations

from classwatch.config.schema import MetricsConfig
from classwatch.core.codes import ActCode
from classwatch.metrics.compute import compute_coded
from classwatch.metrics.scheme import ITIAS, ST
from classwatch.metrics.sequence import coded_by_hand
from tests.metrics.coded import in_a_row


def test_a_series_alone_gives_its_own_protocol_and_s_t() -> None:
    sequence = coded_by_hand(ITIAS, ("6 " * 300 + "9 " * 300).split())
    found = compute_coded(None, (sequence,), MetricsConfig())
    assert {m.id.partition(".")[0] for m in found} == {"itias", "st"}
    by_id = {(m.id, m.part): m for m in found}
    assert by_id["itias.teacher@3s-coded", ""].value == 0.5
    assert by_id["st.coded_mode@30s-point", ""].category == "mixed"


def test_an_s_t_series_gives_s_t_only() -> None:
    sequence = coded_by_hand(ST, list("TTTSS" * 8), 30.0)
    assert {m.id for m in compute_coded(None, (sequence,), MetricsConfig())} == {
        "st.coded_rt@30s-coded",
        "st.coded_ch@30s-coded",
        "st.coded_run@30s-coded",
        "st.coded_mode@30s-coded",
    }


def test_coded_acts_alone_give_every_protocol_on_codes() -> None:
    acts = in_a_row(3.0, [ActCode.ASKS, ActCode.RESPONDS, ActCode.PRAISES, ActCode.LECTURES] * 100)
    found = compute_coded(acts, (), MetricsConfig())
    groups = {m.id.partition(".")[0] for m in found}
    assert groups >= {"fias", "ifias", "itias", "lag", "chain", "moves", "time", "copus", "st"}
    assert not groups & {"talk", "wait", "hands", "place"}
