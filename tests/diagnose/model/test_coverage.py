from diagnose.model import CheckResult
from diagnose.model.coverage import TOPICS, coverage, listed
from diagnose.registry import load_checks


def result(code, state="passed", why=""):
    return CheckResult(code, "a-check", state, 0.0, why)


def test_a_topic_is_looked_at_where_one_of_its_checks_could_judge():
    looked = coverage([result("D101", "skipped", "no data"), result("D113"), result("C312", "failed")])
    assert "the image files" in looked.examined
    assert not looked.lacking


def test_a_topic_whose_checks_all_lack_evidence_gives_the_commonest_reason():
    looked = coverage([
        result("P501", "skipped", "--no-probes was given"), result("P503", "crashed", "KeyError: 1"),
        result("P504", "skipped", "--no-probes was given"), result("D119", "skipped", "--no-probes was given"),
    ])  # fmt: skip
    assert looked.lacking == (("--no-probes was given", ("label errors", "short training runs")),)
    assert looked.examined == ()


def test_a_topic_without_a_check_is_not_looked_at_until_one_comes():
    named = coverage([result(code) for code in load_checks() if code[0] != "K"]).uncovered
    assert named == ("a finished checkpoint",)
    assert "a finished checkpoint" not in coverage([result("K701")]).uncovered


def test_every_topic_that_has_checks_names_those_that_there_are():
    known = tuple(load_checks())
    missing = {topic for topic, codes in TOPICS.items() if not any(known_one.startswith(codes) for known_one in known)}
    assert missing == set(coverage([result(code) for code in load_checks()]).uncovered)


def test_parts_are_listed_as_in_a_sentence():
    assert [listed(parts) for parts in ((), ("a",), ("a", "b"), ("a", "b", "c"))] == ["", "a", "a and b", "a, b and c"]
