from builders import ERROR, WARNING, config, fact, only, program, silent
from diagnose.checks.c324_weights_not_loaded import CHECK

from diagnose.model import CopyNotLoaded, LoadCommentedOut, UnreadOption


def seen(kind, weights="none", **detail):
    return {"configuration": config(weights=weights), "code": program(seen=(fact(kind, **detail),))}


def test_a_copy_that_is_never_loaded_is_an_error():
    assert only(CHECK, **seen(CopyNotLoaded)).severity is ERROR


def test_a_commented_load_counts_where_the_weights_are_random():
    assert only(CHECK, **seen(LoadCommentedOut)).severity is WARNING
    assert silent(CHECK, **seen(LoadCommentedOut, weights="imagenet"))


def test_an_option_that_nothing_reads_is_named():
    assert "--pretrained" in only(CHECK, **seen(UnreadOption, option="pretrained")).summary
