from builders import ERROR, WARNING, config, forecast, only, probes, silent, why_skipped
from diagnose.checks.p509_does_not_fit_memory import CHECK

from diagnose.model import GIB, Card, Fit

FIT = Fit("mixed precision (bf16 autocast)", 5 * GIB, "none that is known")


def foreseen(memory, card, mixed=None, **more):
    by_precision = () if memory is None else (("fp32", memory), ("mixed", mixed or memory), ("bf16", mixed or memory))
    peak = forecast(memory=memory, memory_by_precision=by_precision, card=card, **more)
    return {"measured": probes(forecast=peak), "configuration": config(batch_size=32)}


def test_a_configured_card_that_is_too_small_is_a_warning():
    finding = only(CHECK, **foreseen(9 * GIB, Card(8 * GIB, measured=False, changes=(FIT,))))
    assert finding.severity is WARNING
    assert "32 images of 224 px takes about 9.0 GiB" in finding.summary
    assert "8.0 GiB, of which about 7.5 GiB" in finding.summary
    assert finding.fix == "Mixed precision (bf16 autocast) (about 5.0 GiB; cost: none that is known)."
    assert finding.measured["changes"][0]["memory_bytes"] == 5 * GIB
    assert finding.location.line == 1


def test_the_device_s_own_card_is_certain_where_no_precision_fits():
    own = Card(8 * GIB, measured=True)
    finding = only(CHECK, **foreseen(20 * GIB, own, mixed=9 * GIB))
    assert finding.severity is ERROR
    assert "larger card" in finding.fix
    assert only(CHECK, **foreseen(20 * GIB, own, mixed=5 * GIB)).severity is WARNING  # the program may use autocast


def test_within_the_error_of_the_prediction_nothing_is_certain():
    assert only(CHECK, **foreseen(int(8.2 * GIB), Card(8 * GIB, measured=True))).severity is WARNING


def test_precisions_that_were_not_followed_prove_nothing():
    peak = forecast(memory=20 * GIB, memory_by_precision=(("fp32", 20 * GIB),), card=Card(8 * GIB, measured=True))
    assert only(CHECK, measured=probes(forecast=peak)).severity is WARNING


def test_a_step_that_fits_is_silent():
    assert silent(CHECK, **foreseen(7 * GIB, Card(8 * GIB, measured=True)))


def test_without_a_card_or_a_peak_nothing_is_said():
    assert "gpu_memory" in why_skipped(CHECK, **foreseen(7 * GIB, None))
    assert "could not be worked out" in why_skipped(CHECK, **foreseen(None, Card(8 * GIB, measured=True)))
