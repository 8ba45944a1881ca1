import io

from builders import dataset
from rich.console import Console

from diagnose.model import ClassRow, Finding, Histogram, Interval, Severity, Shortcut
from diagnose.report.dataset import MOST_ROWS, class_table, histogram_lines, pictured, shortcut_line


def shown(renderable):
    console = Console(width=100, record=True, file=io.StringIO())
    console.print(renderable)
    return console.export_text()


def row(label, **more):
    values = {"split": "train", "images": 10, "faults": 0, "width": 64, "height": 48, "brightness": 0.5}
    return ClassRow(label=label, file_bytes=1500, **values | more)


def test_a_row_for_each_class():
    text = shown(class_table(dataset(table=(row("cat"), row("dog[bold]", faults=2)))))
    assert "cat        train      10                64×48        0.50  1.5" in text
    assert "dog[bold]" in text


def test_of_many_classes_the_rest_is_counted():
    text = shown(class_table(dataset(table=tuple(row(f"c{n}") for n in range(MOST_ROWS + 7)))))
    assert "… 7 more" in text


def test_what_tells_the_class_is_said_also_where_it_is_no_finding():
    told = (
        Shortcut("size", 0.31, Interval(0.2, 0.4), 0.25, 400),
        Shortcut("border", 0.2, Interval(0.1, 0.3), 0.25, 400),
    )
    line = shortcut_line(dataset(shortcuts=told))
    assert line == "class predicted from metadata alone: size 31%, border 20% (chance 25%)"
    assert shortcut_line(dataset()) == ""


def test_bars_are_as_high_as_the_counts():
    lines = histogram_lines(dataset(histograms={"side": Histogram((10.0, 20.0, 30.0, 40.0), (8, 0, 4))}))
    assert lines == ["side  10 █ ▄ 40"]
    assert histogram_lines(dataset(histograms={"side": Histogram()})) == []


def test_of_the_images_that_a_finding_names_those_with_a_picture_are_shown():
    pictures = {"cat/a.jpg": "one", "cat/b.jpg": "other"}

    def of(*files):
        return pictured(Finding(Severity.INFO, "They are.", "Mend.", files=files), pictures)

    assert of("cat/a.jpg = cat/b.jpg", "cat/gone.jpg") == [("cat/a.jpg", "one"), ("cat/b.jpg", "other")]
    assert of("cat/gone.jpg") == []
    assert of() == []
