from diagnose.engine import Request
from diagnose.model import Finding, Location, Severity
from diagnose.tui.titles import counts, examined, headline_verdict, in_keys, short_place


def finding(severity, place=None, **more):
    given = {"summary": "The learning rate 10 is too high.", "fix": "Use 0.1.", "code": "C302", "fingerprint": "a"}
    return Finding(severity, location=place, **{**given, **more})


def test_what_is_examined(tmp_path):
    assert examined(Request(tmp_path, "x/train.py --lr 1")) == f"{tmp_path.name}/ + train.py"
    assert examined(Request(None, "train.py"), None, "pytorch") == "train.py (PyTorch)"


def test_counts_name_what_there_is():
    assert counts([]) == ""
    assert counts([finding(Severity.ERROR), finding(Severity.ERROR), finding(Severity.INFO)]) == " 2✗ 1i"


def test_the_verdict_has_a_line_for_each_of_three_causes():
    causes = [finding(Severity.ERROR, Location("a/train.py", n), fingerprint=str(n)) for n in range(1, 5)]
    lines = headline_verdict(causes, "").plain.splitlines()
    assert lines[0] == "Do not start the full training run yet."
    assert lines[1] == "  ✗ train.py:1  The learning rate 10 is too high  → Use 0.1."
    assert len(lines) == 4
    assert lines[-1].endswith("and 1 more")


def test_consequences_and_infos_take_no_line():
    first = finding(Severity.WARNING)
    rest = [finding(Severity.ERROR, because_of="a", fingerprint="b"), finding(Severity.INFO, fingerprint="c")]
    assert len(headline_verdict([first, *rest], "").plain.splitlines()) == 2


def test_a_cause_that_is_less_grave_than_what_follows_has_its_line():
    group = [finding(Severity.INFO), finding(Severity.ERROR, because_of="a", fingerprint="b")]
    first, line = headline_verdict(group, "").plain.splitlines()
    assert first.startswith("Do not start")
    assert line.startswith("  ✗ The learning rate")


def test_the_program_of_a_command_line():
    assert examined(Request(None, "python3.11 x/train.py --lr 1")) == "train.py"
    assert examined(Request(None, "train.py --name 'x")) == "train.py --name 'x"


def test_nothing_grave_is_the_whole_sentence_or_nothing_yet():
    assert headline_verdict([], "No fault was found in the images.").plain == "No fault was found in the images."
    assert headline_verdict([], "", so_far=True).plain == "No fault so far; the run continues."
    assert headline_verdict([finding(Severity.ERROR)], "", so_far=True).plain.startswith("So far: Do not start")


def test_the_tui_speaks_of_its_key_where_a_report_speaks_of_the_option():
    told = in_keys("a budget of 63 s is too short for any training here; give a --budget of 253s or more")
    assert told == "a budget of 63 s is too short for any training here; about 253s would do, and + gives more time"


def test_the_place_is_short():
    assert short_place(finding(Severity.ERROR, Location("/a/b.ipynb", 3, 2))) == "b.ipynb:cell 2:3"
    assert short_place(finding(Severity.ERROR, files=("train/cat/1.png",))) == "1.png"
    assert short_place(finding(Severity.ERROR, files=("1.png", "2.png"))) == ""
