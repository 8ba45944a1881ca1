from builders import ERROR, INFO, WARNING, dataset, fact, only, program, silent
from diagnose.checks.d126_files_left_out import CHECK

from diagnose.model import ClassFolders, LoaderView


def view(loader="ImageFolder", kept=95, raises="", **dropped):
    return LoaderView(loader, "all", 2, kept, {f".{ending}": number for ending, number in dropped.items()}, (), raises)


def loader(name="ImageFolder"):
    return program(seen=(fact(ClassFolders, 12, loader=name, hidden=True, raises=True),))


def test_nothing_left_out_is_silent():
    assert silent(CHECK, dataset=dataset(loaders=(view(),)))
    assert silent(CHECK, dataset=dataset())


def test_what_image_folder_leaves_out_and_the_others_take():
    data = dataset(loaders=(view(heic=5), view("image_dataset_from_directory", 95, heic=5), view("imagefolder", 100)))
    finding = only(CHECK, dataset=data)
    assert finding.severity is WARNING
    assert finding.summary == "ImageFolder takes 95 of 100 images: it leaves out 5 .heic. imagefolder takes 100."
    assert only(CHECK, dataset=data, code=program()).severity is INFO


def test_the_programs_own_loader_counts():
    data = dataset(loaders=(view(kept=100), view("image_dataset_from_directory", 60, webp=40)))
    assert silent(CHECK, dataset=data, code=loader())
    finding = only(CHECK, dataset=data, code=loader("image_dataset_from_directory"))
    assert (finding.severity, finding.location.line) == (ERROR, 12)
    assert "ImageFolder takes 100" in finding.summary


def test_a_loader_that_stops_is_an_error():
    data = dataset(loaders=(view(kept=95, raises="FileNotFoundError: no valid file for dog", gif=5),))
    finding = only(CHECK, dataset=data, code=loader("DatasetFolder"))
    assert finding.severity is ERROR
    assert "it stops with FileNotFoundError" in finding.summary
