"""What the network is given, in words."""

from diagnose.model import GivenInputs, Histogram
from diagnose.report.inputs import channel_lines, inputs_line

PIXELS, VALUES = Histogram((0.0, 127.5, 255.0), (1, 3)), Histogram((-2.0, 0.0, 2.0), (2, 2))
GIVEN = GivenInputs(
    64, (0.1, 0.0, -0.1), (1.0, 1.1, 0.9), (-2.1, -2.0, -1.8), (2.2, 2.4, 2.64), (PIXELS,) * 3, (VALUES,) * 3
)


def test_range_mean_and_std_in_a_sentence():
    line = inputs_line(GIVEN)
    assert "values from -2.1 to 2.64, mean 0.1 0 -0.1, std 1 1.1 0.9" in line
    assert "64 training images" in line


def test_a_line_for_each_channel():
    red, *_ = lines = list(channel_lines(GIVEN))
    assert [line.split()[0] for line in lines] == ["red", "green", "blue"]
    assert red.startswith("red   pixels 0 ")
    assert red.endswith(" 2")
