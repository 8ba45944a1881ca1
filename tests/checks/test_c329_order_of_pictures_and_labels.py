from builders import ERROR, INFO, WARNING, fact, only, program, silent
from diagnose.checks.c329_order_of_pictures_and_labels import CHECK

from diagnose.model import ClassNumbers, ReorderedApart, ShuffledPredictions, UnequalOrders


def unequal(kind, trains=True):
    return fact(UnequalOrders, 3, listing="os.listdir", other="pandas.read_csv", other_kind=kind, other_line=1,
                paired_at=9, trains=trains)  # fmt: skip


def numbers(source, apart_from=None, keeps=False):
    return fact(ClassNumbers, 3, source=source, apart_from=apart_from, keeps=keeps)


def test_a_plain_program_is_silent():
    assert silent(CHECK, code=program())


def test_a_listing_beside_rows_is_an_error_at_the_listing():
    finding = only(CHECK, code=program(seen=(unequal("table", trains=False),)))
    assert (finding.severity, finding.location.line, finding.rewrites) == (ERROR, 3, ())
    assert "line 9 pairs them by position with the rows of pandas.read_csv() (line 1)" in finding.summary


def test_numbers_for_ranges_are_an_error_too():
    finding = only(CHECK, code=program(seen=(unequal("positions"),)))
    assert finding.severity is ERROR
    assert "ranges of places (line 1)" in finding.summary


def test_two_listings_are_an_error_where_a_training_gets_them_and_can_be_sorted():
    assert only(CHECK, code=program(seen=(unequal("listing"),))).severity is ERROR
    finding = only(CHECK, code=program(seen=(unequal("listing", trains=False),)))
    assert (finding.severity, finding.rewrites) == (WARNING, ("sort-names",))


def test_what_is_reordered_alone_is_an_error():
    for how, word in (("shuffle", "permutation"), ("split", "one call"), ("index", "permutation")):
        finding = only(CHECK, code=program(seen=(fact(ReorderedApart, how=how, paired_at=4),)))
        assert finding.severity is ERROR
        assert word in finding.fix


def test_shuffled_predictions_are_an_error_at_the_loader():
    seen = fact(ShuffledPredictions, 5, loader="flow_from_directory", labels="classes", compared_at=8)
    finding = only(CHECK, code=program(seen=(seen,)))
    assert (finding.severity, finding.location.line, finding.rewrites) == (ERROR, 5, ("keep-order",))


def test_numbers_that_are_made_apart_are_graver_where_they_certainly_differ():
    for source, severity in (("listing", ERROR), ("factorize", ERROR), ("LabelEncoder", WARNING)):
        finding = only(CHECK, code=program(seen=(numbers(source, apart_from=2),)))
        assert finding.severity is severity
        assert "line 2" in finding.summary


def test_numbers_by_a_set_matter_where_weights_are_kept():
    assert only(CHECK, code=program(seen=(numbers("set", keeps=True),))).severity is WARNING
    assert only(CHECK, code=program(seen=(numbers("set"),))).severity is INFO
    assert only(CHECK, code=program(seen=(numbers("listing", keeps=True),))).severity is INFO
