from dataclasses import replace

from builders import ERROR, dataset, feed, only, ran, seen_network, silent, why_skipped
from diagnose.checks.r605_labels_out_of_step import CHECK


def labelled(*folders):
    images = sum(count for _, _, count in folders)
    return ran(feeds=(feed(folders=folders, files_known=images), feed("validation")))


def test_labels_that_go_with_folders_are_silent():
    assert silent(CHECK, ran=ran(), dataset=dataset())
    assert silent(CHECK, ran=labelled(("cat", 0, 18), ("cat", 1, 2), ("dog", 1, 20)), dataset=dataset())


def test_labels_at_random_are_an_error():
    mixed = labelled(("cat", 0, 11), ("cat", 1, 10), ("dog", 0, 10), ("dog", 1, 11))
    assert only(CHECK, ran=mixed, dataset=dataset()).severity is ERROR


def test_folders_that_are_no_classes_are_silent():
    assert silent(CHECK, ran=labelled(("images", 0, 20), ("more", 1, 20)), dataset=dataset())


def test_unknown_files_are_not_examined():
    feeds = feed(folders=(), files_known=0), feed("validation", files_known=0, folders=())
    assert "file" in why_skipped(CHECK, ran=ran(feeds=feeds), dataset=dataset())


def test_one_folder_under_many_labels_is_an_error_where_labels_are_the_classes():
    one = labelled(("cat", 0, 16), ("cat", 1, 15))
    assert only(CHECK, ran=one, dataset=dataset()).severity is ERROR


def test_labels_that_are_finer_than_the_folders_are_silent():
    finer = labelled(*((folder, label, 8) for folder, label in (("cat", 0), ("cat", 1), ("dog", 2), ("dog", 3))))
    run = replace(finer, network=seen_network(outputs=4))
    assert silent(CHECK, ran=run, dataset=dataset())
