"""Which findings follow from which, and the order in which they are reported: causes by their harm, each consequence
behind its cause.

A fault in one place shows in several: a folder that a notebook left among the classes is one more class, a head of the
wrong size, pictures under two classes and a class of two images. The fix of the cause removes all of them; the fix of a
consequence (a larger head) makes things worse. `RULES` says what follows from what, and why. A rule reads codes,
subjects, classes, files and fields of findings and evidence, never text.

A consequence keeps its severity and its evidence, and gives up its fix: the one piece of advice is its cause's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from diagnose.model.basics import NotExamined, Severity
from diagnose.model.evidence import Evidence
from diagnose.model.finding import Finding
from diagnose.model.harm import expected_harm, measured_gain

Holds = Callable[[Finding, Finding, Evidence], bool]
Link = tuple[Finding, str, str]  # the cause of a finding, FOLLOWS or YIELDS, and why

FOLLOWS = "follows from"  # the fix of the cause fixes it too
YIELDS = "gives way to"  # its own fix would undo the other's
TRANSPARENT_FORMATS = (".png", ".webp", ".gif", ".tif", ".tiff")


# ------------------------------------------------------------------ conditions


def _always(cause: Finding, effect: Finding, evidence: Evidence) -> bool:
    return True


def _of_stray_classes(cause: Finding, effect: Finding, evidence: Evidence) -> bool:
    """The classes in which the splits differ, or that differ in size, are stray folders."""
    named = {*effect.measured.get("missing", ()), *effect.measured.get("extra", ())}
    named |= {effect.measured[end]["class"] for end in ("largest", "smallest") if end in effect.measured}
    stray = set(evidence.data.stray)
    return named <= stray if effect.code == "D110" else bool(named & stray)


def _head_counts_no_stray(cause: Finding, effect: Finding, evidence: Evidence) -> bool:
    classes = {name for name, count in evidence.data.per_class.items() if count}
    return bool(effect.measured["outputs"] == len(classes - set(evidence.data.stray)))


def _files_in_stray(cause: Finding, effect: Finding, evidence: Evidence) -> bool:
    """Each group of files that the effect names reaches into a stray folder, which holds as many as it counts."""
    stray = set(evidence.data.stray)
    inside = [any(stray & set(PurePosixPath(file).parts) for file in group) for group in _named(effect)]
    held = sum(row.images + row.faults for row in evidence.data.table if row.label in stray)
    return bool(inside) and all(inside) and _counted(effect) <= max(held, len(inside))


def _images_left_over(cause: Finding, effect: Finding, evidence: Evidence) -> bool:
    """Without the stray folders the last batch would not be one image."""
    counts, stray = evidence.data.per_class, set(evidence.data.stray)
    images = sum(count for name, count in counts.items() if name not in stray)
    return effect.subject == "last batch" and bool(images % effect.measured["batch_size"] != 1)


def _of_empty_classes(cause: Finding, effect: Finding, evidence: Evidence) -> bool:
    split, empty = effect.measured["split"], set(evidence.data.empty_classes)
    lacking = {f"{split}/{name}" for name in effect.measured["missing"]}
    lacking |= {f"{evidence.data.train_split}/{name}" for name in effect.measured["extra"]}
    return lacking <= empty


def _head_fits_some_split(cause: Finding, effect: Finding, evidence: Evidence) -> bool:
    """The head has an output for each class that all splits share, or for each that any split has."""
    splits = [{name for name, count in counts.items() if count} for counts in evidence.data.counts.values()]
    return effect.measured["outputs"] in (len(set.intersection(*splits)), len(set.union(*splits)))


def _transparent(cause: Finding, effect: Finding, evidence: Evidence) -> bool:
    """The blank pictures are of formats that have transparency, and no more than there are transparent ones."""
    modes = cause.measured.get("modes", {})
    dropped = sum(count for mode, count in modes.items() if mode in ("RGBA", "LA", "PA"))
    formats = all(file.lower().endswith(TRANSPARENT_FORMATS) for group in _named(effect) for file in group)
    return effect.subject == "flat" and formats and _counted(effect) <= dropped


def _copies_of_blanks(cause: Finding, effect: Finding, evidence: Evidence) -> bool:
    """The copies are no more than there are blank pictures, and blank ones are among those that are named."""
    named = {file for group in _named(effect) for file in group}
    return bool(named & set(cause.files)) and _counted(effect) <= _counted(cause)


def _same_files(cause: Finding, effect: Finding, evidence: Evidence) -> bool:
    named = {file for group in _named(effect) for file in group}
    return bool(named) and named <= {file for group in _named(cause) for file in group}


def _from_random(cause: Finding, effect: Finding, evidence: Evidence) -> bool:
    config = evidence.configuration
    return cause.subject != "loose" and config is not None and config.weights.value == "none"


def _start_matters(cause: Finding, effect: Finding, evidence: Evidence) -> bool:
    """The measured gap between pretrained and random weights, from which the run starts, is a warning: it costs."""
    return cause.severity is Severity.WARNING and _from_random(cause, effect, evidence)


def _one_output(cause: Finding, effect: Finding, evidence: Evidence) -> bool:
    return bool(cause.measured["outputs"] == 1)


def _then_alike(cause: Finding, effect: Finding, evidence: Evidence) -> bool:
    """The cause's fix prepares training images as held-out images are."""
    sides: Mapping[str, Mapping[str, object]] = effect.measured
    return all(
        name in cause.changes and isinstance(side, Mapping) and cause.changes[name] == side["held_out"]
        for name, side in sides.items()
    )


def _probed(cause: Finding, effect: Finding, evidence: Evidence) -> bool:
    """It was measured on the configuration, not on a person's own network, which gets other input."""
    return effect.code.startswith("P") or evidence.own is None


def _everything_frozen(cause: Finding, effect: Finding, evidence: Evidence) -> bool:
    return cause.severity is Severity.ERROR


def _about_the_rate(cause: Finding, effect: Finding, evidence: Evidence) -> bool:
    return effect.subject == "rate"


def _same_subject(cause: Finding, effect: Finding, evidence: Evidence) -> bool:
    return cause.subject == effect.subject


# ------------------------------------------------------------------ what follows from what


@dataclass(frozen=True)
class Rule:
    """Findings with the codes `effects` follow from a finding of `cause` where `holds`.

    cause: a code, or a code and one of its subjects. why: how they follow, as a sentence without its full stop.
    how: FOLLOWS; or YIELDS, where they may be true by themselves and their fix contradicts that of the cause.
    """

    cause: str
    effects: tuple[str, ...]
    why: str
    holds: Holds = _always
    how: str = FOLLOWS

    def applies(self, cause: Finding, effect: Finding, evidence: Evidence) -> bool:
        """Whether `effect` follows from `cause` by this rule; False where the evidence it compares is missing."""
        code, _, subject = self.cause.partition(" ")
        if cause.code != code or subject not in ("", cause.subject) or effect.code not in self.effects:
            return False
        try:
            return self.holds(cause, effect, evidence)
        except (KeyError, NotExamined):  # a finding that does not measure what the rule compares
            return False


SHORT_RUNS = ("P503", "P506", "M407", "M410", "M411")  # what short runs show of broken input, loss or layers
OF_FILES = ("D101", "D102", "D103", "D104", "D105", "D106", "D107", "D113", "D115", "D116", "D119", "D120", "D128")

# Of several causes of one finding the first here counts; none may lead back to itself.
RULES = (
    # folders and files
    Rule("D121 stray", ("D109", "D110"), "the folder is taken for a class of its own", _of_stray_classes),
    Rule("D121 stray", ("C309",), "the head has an output for each class but that folder", _head_counts_no_stray),
    Rule("D121 stray", ("C315",), "its images are among those that are counted", _images_left_over),
    Rule("D121 stray", OF_FILES, "these files lie in that folder", _files_in_stray),
    Rule("D121 empty", ("D110",), "the class has a folder there and no images in it", _of_empty_classes),
    Rule("D110", ("C309",), "the head fits the classes once the splits agree", _head_fits_some_split),
    Rule("D114", ("D116",), "conversion to RGB drops the alpha channel, and what is left is blank", _transparent),
    Rule("D116 flat", ("D104", "D105", "D106", "D107"), "blank pictures are copies of each other", _copies_of_blanks),
    Rule("D107", ("D119",), "the same picture stands under two classes", _same_files),
    # how training starts
    Rule("C324", ("C301", "C304", "C306", "C317", "D108", "P501"),
         "without the weights that were meant to be loaded it starts from random ones", _from_random),
    Rule("C339", ("C301", "C304", "C306", "C317", "D108", "P501"),
         "none of the weights that were meant to be loaded arrive", _from_random),
    Rule("C301", ("C304", "C306", "C317", "D108", "P501"),
         "it starts from random weights where pretrained ones are meant", _from_random),
    Rule("C306", ("C304", "D108", "P501"), "the frozen layers have random weights", _from_random),
    Rule("C306", ("M408", "P504", *SHORT_RUNS), "layers that never learned are frozen", _probed),
    Rule("P501", ("C304", "D108"), "pretrained weights need fewer images and steps", _start_matters),
    Rule("P502", ("C304", "D108"), "pretrained weights were measured to be worse here", _start_matters, YIELDS),
    Rule("D108", ("C304",), "few images make few steps", _from_random),
    # what the network is fed
    Rule("N210", ("N201", "N203", "N204", "N205"), "a transform stands in the wrong place", _always),
    *(
        Rule(code, ("N208",), "its fix prepares training images as validation images are", _then_alike)
        for code in ("C337", "N201", "N202", "N203", "N204", "N206")
    ),
    *(
        Rule(code, SHORT_RUNS, "the network is fed values that it cannot use", _probed)
        for code in ("C337", "N201", "N202", "N204", "N206", "N210")
    ),
    Rule("C337", ("N203", "N204", "N205"), "the pixels are not scaled", _always),
    Rule("N202", ("N204", "N205"), "the pixels are scaled twice", _always),
    Rule("N206", ("N204", "N205"), "mean and standard deviation are swapped or impossible", _always),
    Rule("N207", ("N203", "P506", "M407"), "the input has another form than the weights expect", _probed),
    Rule("N203", SHORT_RUNS, "pretrained features get input that they were not trained on", _probed),
    Rule("N205", SHORT_RUNS, "the input is far off centre", _probed),
    Rule("N208", ("P504",), "validation images are prepared in another way, so their loss rises", _always),
    Rule("N212", ("D112",), "the images are smaller than the crop", _always),
    Rule("C335 size", ("C318", "D112"), "the network is made for images of another size", _always),
    Rule("C318", ("D112",), "the weights want a larger input", _always, YIELDS),
    # outputs, loss and frozen layers
    Rule("C309", ("C308",), "a single output cannot separate these classes, whatever the loss", _one_output),
    Rule("C307", ("M409",), "the softmax stands in the network", _always),
    *(
        Rule(code, SHORT_RUNS, "the loss does not fit what the network puts out", _probed)
        for code in ("C307", "C308")
    ),
    Rule("M409", ("M407", "M410"), "the loss is computed on probabilities", _always),
    Rule("C325", ("M408",), "the head is frozen", _always),
    Rule("C325", ("M410", "M411", "P506"), "nothing that gives the outputs is trained", _probed),
    Rule("M408", ("M410", "M411"), "nothing is trained", _everything_frozen),
    # learning rate and schedule
    Rule("C302", ("C316", "P503", "P504", "P507"), "the learning rate is too high", _always),
    Rule("C302", ("C344",), "the learning rate is too high", _about_the_rate),
    Rule("C344 rate", ("C316", "P503", "P504", "P506", "P507"), "the learning rate is not this network's", _always),
    Rule("C303", ("P507",), "the learning rate is too low", _always),
    Rule("C314", ("C326",), "the schedule is not stepped as it is meant to be", _same_subject),
    # a person's own network
    Rule("M412", ("M404", "M405", "M406", "M407", "M410"), "the initial weights are on another scale", _always),
    Rule("M403 none", ("M404", "M405", "M406", "M407", "M410"), "nothing normalises the activations", _always),
    Rule("M402", ("M405", "M410"), "gradients have no way around the layers", _always),
    Rule("M404", ("M405", "M406", "M407", "M410", "M411"), "the activations explode or vanish", _always),
    Rule("M406", ("M410", "M411"), "dead units pass nothing on", _always),
    Rule("M405", ("M410",), "the first layers get no usable gradient", _always),
    Rule("M411", ("M410",), "the images do not reach the outputs", _always),
    # what a run showed: the line that was read has the fix
    *(
        Rule(read, seen, "the run saw it happen", _always)
        for read, seen in (
            ("C302", ("R629",)), ("C307", ("R637",)), ("C308", ("R632", "R637")), ("C310", ("R622",)),
            ("C311", ("R615", "R616")), ("C312", ("R607",)),
            ("C313", ("R612",)), ("C314", ("R614",)), ("C323", ("R624",)), ("C324", ("R618",)), ("C325", ("R609",)),
            ("C329", ("R605", "R606", "R632")), ("C331", ("R626",)), ("C332", ("R632",)), ("C334", ("R617",)),
            ("C336", ("R619",)), ("C337", ("R601", "R602")), ("C339", ("R618",)), ("C342", ("R628",)),
            ("N201", ("R601", "R602")), ("N202", ("R601", "R602")), ("N207", ("R603",)), ("N208", ("R602",)),
            ("N209", ("R620",)),
        )
    ),
    Rule("R601", ("R602",), "what reaches the network is on another scale", _always),
    Rule("R622", ("R629",), "gradients of all earlier steps make the steps long", _always),
    Rule("R618", ("R609",), "the weights that were to fill them did not arrive", _always),
    # what probes measured
    Rule("P505", ("D119", "P506", "P507"), "the images do not predict these labels", _always),
    Rule("M410", ("P506", "P507"), "not even one batch can be learned", _probed),
    Rule("M411", ("P506", "P507"), "the images do not reach the loss", _probed),
    Rule("P503", ("P504", "P506", "P507"), "training diverges", _always),
    Rule("P506", ("P507",), "the configuration learns nothing", _always),
    Rule("C304", ("P507",), "the run is too short", _always),
    *(
        Rule(code, ("P504",), "few images are memorised, and nothing works against it", _always)
        for code in ("C305", "C317", "D108")
    ),
    Rule("P504", ("P507",), "after the first steps it only memorises", _always),
    Rule("D111", ("P508",), "so few validation images decide little", _always),
)  # fmt: skip


def in_order(findings: Iterable[Finding], evidence: Evidence) -> tuple[Finding, ...]:
    """The findings with their causes filled in: roots by harm, each with what follows from it behind it, by harm too.

    A root counts for as much as the worst of what follows from it. Equal harm goes by measured gain, then by place
    (file and line; what has no place comes last), code and subject.
    """
    found = sorted(findings, key=lambda one: _weight(one, evidence))
    causes = {id(one): link for one in found if (link := _follows(one, found, evidence))}
    for place, one in enumerate(found):
        if id(one) not in causes and (link := _contradicts(one, found[:place], causes)):
            causes[id(one)] = link
    groups: dict[int, list[Finding]] = {}
    for one in found:  # the worst of each group comes first, and so decides the order of the groups
        groups.setdefault(id(_root(one, causes)), []).append(one)
    return tuple(
        _linked(one, causes.get(id(one)))
        for group in groups.values()
        for one in sorted(group, key=lambda one: id(one) in causes)
    )


def _weight(finding: Finding, evidence: Evidence) -> tuple[object, ...]:
    at = finding.location
    place = (0, at.file, at.cell or 0, at.line or 0) if at else (1, "", 0, 0)
    gain = measured_gain(finding, evidence)
    return (-round(expected_harm(finding, evidence), 6), -gain, *place, finding.code, finding.subject)


def _follows(finding: Finding, found: Sequence[Finding], evidence: Evidence) -> Link | None:
    for rule in RULES:
        if finding.code in rule.effects:
            for cause in found:
                if cause is not finding and rule.applies(cause, finding, evidence):
                    return cause, rule.how, rule.why
    return None


def _contradicts(finding: Finding, graver: Sequence[Finding], causes: Mapping[int, Link]) -> Link | None:
    """A graver finding whose fix sets the same field to another value: that one stands."""
    for other in graver:
        shared = finding.changes.keys() & other.changes.keys()
        differing = sorted(name for name in shared if finding.changes[name] != other.changes[name])
        if differing and id(other) not in causes:
            return other, YIELDS, f"its fix sets {', '.join(differing)} to another value"
    return None


def _root(finding: Finding, causes: Mapping[int, Link]) -> Finding:
    while id(finding) in causes:
        finding = causes[id(finding)][0]
    return finding


def _linked(finding: Finding, link: Link | None) -> Finding:
    if link is None:
        return replace(finding, because_of="", because="")
    cause, how, why = link
    return replace(
        finding,
        because_of=cause.fingerprint or cause.code,
        because=f"{how} {cause.code}: {why}",
        fix=f"{'Fix' if how == FOLLOWS else 'Heed'} {cause.code} first: {why}.",
        changes={},
        rewrites=(),
    )


def _named(finding: Finding) -> list[list[str]]:
    """The files that a finding names, in their groups of equal or similar ones."""
    return [re.split(r" [=~] ", entry) for entry in finding.files]


def _counted(finding: Finding) -> int:
    """How many files or pictures a finding is about."""
    names = ("pictures", "copies", "suspect", "images", "files")
    counts = [int(finding.measured[name]) for name in names if isinstance(finding.measured.get(name), int)]
    equal, near = finding.measured.get("equal", 0), finding.measured.get("near_same", 0)
    return counts[0] if counts else int(equal + near)
