from builders import ERROR, config, only, silent
from diagnose.checks.n202_scaled_twice import CHECK


def test_once_is_silent():
    assert silent(CHECK, configuration=config(scaling=("1/255",)))


def test_twice_is_an_error():
    finding = only(CHECK, configuration=config(scaling=("1/255", "1/255")))
    assert finding.severity is ERROR
    assert finding.measured == {"scaling": ["1/255", "1/255"]}


def test_none_is_another_fault():
    assert silent(CHECK, configuration=config(scaling=()))
