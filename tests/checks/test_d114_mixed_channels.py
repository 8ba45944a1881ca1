from builders import INFO, WARNING, dataset, only, silent
from diagnose.checks.d114_mixed_channels import CHECK

from diagnose.model import Files


def modes(**counts):
    return dataset(modes={mode.replace("_", ";"): Files(count, (f"cat/{mode}.png",)) for mode, count in counts.items()})


def test_one_kind_is_silent():
    assert silent(CHECK, dataset=modes(RGB=400))
    assert silent(CHECK, dataset=modes(L=400))


def test_grey_among_colour_is_worth_knowing():
    finding = only(CHECK, dataset=modes(RGB=399, L=1))
    assert finding.severity is INFO
    assert finding.files == ("cat/L.png",)


def test_transparency_is_told_even_where_all_have_it():
    assert "transparency" in only(CHECK, dataset=modes(RGBA=400)).summary


def test_sixteen_bits_are_a_warning():
    assert only(CHECK, dataset=modes(I_16=400)).severity is WARNING


def test_transparent_pictures_that_are_blank_without_it_are_a_warning():
    modes = {"RGBA": Files(40, ("cat/a.png",)), "RGB": Files(60, ("cat/b.jpg",))}
    assert only(CHECK, dataset=dataset(modes=modes, outliers={"flat": Files(38)})).severity is WARNING
    assert only(CHECK, dataset=dataset(modes=modes, outliers={"flat": Files(50)})).severity is INFO


def test_some_grey_pictures_saved_as_rgb_are_worth_knowing():
    finding = only(CHECK, dataset=dataset(grey=Files(40, ("cat/a.jpg",))))
    assert (finding.severity, finding.subject) == (INFO, "grey")
    assert "40 of 400 images are grey" in finding.summary


def test_all_grey_or_hardly_any_are_silent():
    assert silent(CHECK, dataset=dataset(grey=Files(400)))
    assert silent(CHECK, dataset=dataset(grey=Files(4)))
