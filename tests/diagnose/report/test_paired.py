"""Two arms seed by seed."""

from builders import probe_run

from diagnose.report.paired import FIRST, SECOND, WIDTH, paired_lines


def runs(*pairs):
    return [
        probe_run(arm, value, seed=seed)
        for seed, pair in enumerate(pairs)
        for arm, value in zip(("as it is", "with the change"), pair, strict=True)
    ]


def plain(*pairs):
    return [line.plain for line in paired_lines(runs(*pairs), "as it is", "with the change")]


def test_each_seed_has_a_line_on_one_scale():
    legend, scale, first, second = plain((0.2, 0.6), (0.5, 0.4))
    assert legend == "○ as it is  ● with the change, validation accuracy"
    assert scale.split() == ["18%", "62%"]
    assert first.startswith("seed 0")
    assert first.index(FIRST) < first.index(SECOND)
    assert second.index(FIRST) > second.index(SECOND)
    assert first.endswith("20.0% → 60.0%  +40.0 points")
    assert all(max(line.index(FIRST), line.index(SECOND)) < 9 + WIDTH for line in (first, second))


def test_a_seed_of_one_arm_alone_is_left_out():
    assert plain((0.2, None)) == []
    assert list(paired_lines([], "a", "b")) == []


def test_equal_ones_share_a_place():
    line = plain((0.3, 0.3))[2]
    assert FIRST not in line
    assert line.count(SECOND) == 1
