import io

import pytest
from builders import attribution, worse_by
from rich.console import Console

from diagnose.report.waterfall import waterfall, waterfall_line


def drawn(told, width=110):
    stream = io.StringIO()
    Console(file=stream, width=width, color_system=None).print(waterfall(told))
    return stream.getvalue()


WEIGHTS, RATE = ("weights", 0.17, 0.27), ("learning rate", -0.01, 0.07)


def test_every_part_has_its_points_and_interval_and_word():
    out = drawn(attribution(WEIGHTS, RATE, remainder=worse_by(-0.02, 0.04)))
    lines = {line.split("  ")[0].strip(): line for line in out.splitlines()}
    assert "+22.0 [+17.0, +27.0]" in lines["weights"]
    assert lines["weights"].rstrip().endswith("shown")
    assert lines["learning rate"].rstrip().endswith("not decided")
    assert "+1.0 [-2.0, +4.0]" in lines["remainder"]
    assert "40.0%" in lines["as configured"]
    assert "65.0%" in lines["best known"]


def test_bars_start_where_the_last_one_ended():
    rows = [line for line in drawn(attribution(WEIGHTS, RATE)).splitlines() if "█" in line]
    first, second = (row for row in rows if row.startswith(("weights", "learning")))
    assert first.rindex("█") + 1 == pytest.approx(second.index("█"), abs=1)


def test_one_part_needs_no_remainder():
    assert "remainder" not in drawn(attribution(WEIGHTS))


@pytest.mark.parametrize("parts", [(WEIGHTS,), (RATE,), (("weights", -0.3, -0.1), RATE), (("weights", 0.0, 0.0),)])
def test_every_waterfall_can_be_drawn_narrow_and_wide(parts):
    for width in (40, 80, 200):
        assert drawn(attribution(*parts), width)


def test_the_sentence_names_what_is_known_alone():
    line = waterfall_line(attribution(WEIGHTS, RATE))
    assert line.startswith("Of the gap of +25.0")
    assert "weights explains +22.0" in line
    assert "learning rate" not in line


def test_a_gap_that_holds_zero_is_not_decided():
    assert "not decided" in waterfall_line(attribution(RATE))


def test_a_gap_that_no_factor_explains_says_so():
    told = attribution(("weights", -0.1, 0.4), ("augmentation", -0.1, 0.4))
    assert "no single factor is decided" in waterfall_line(told)
