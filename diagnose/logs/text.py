"""Text that a training printed: Keras' progress lines, the usual print forms, tables of columns, remains of tqdm.

A line is taken apart into epoch, batch counter and pairs of a name and a number. The name says the metric; the split is
that of the name, else of a word earlier in the line, else of a heading above it. What speaks of a metric and was not
understood is listed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from diagnose.logs import table
from diagnose.logs.names import SPLITS, named
from diagnose.logs.rows import NO_NUMBER, NUMBER, Noticed, Row, Rows, number

FORM = "printed text"
LONGEST = 4000  # characters of a line; a longer one is no print of a training
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x08\x00]")
TAGS = re.compile(r"<br\s*/?>|\*\*|^\s*#+\s*")
STAMP = re.compile(
    r"^\s*\[?\d{4}[-/]\d\d[-/]\d\d[T ]?\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?\]?"
    r"|^\s*\[?\d\d:\d\d:\d\d(?:[.,]\d+)?\s*(?:INFO)?\]?"
    r"|\b(?:INFO|DEBUG|WARNING)\b\s*[-:\]]?|^\s*[\w.]+\.py:\d+\]?"
)
EPOCH = re.compile(
    r"(?i)\b(?:epochs?|ep)\b\s*(?:\((?P<split>train|val|test|valid)\w*\))?\s*(?:id|no\.?|num(?:ber)?|#)?\s*[:=#\-]?\s*"
    r"[\[(]*\s*(?P<epoch>\d+)(?:\s*(?:/|of|out of|\|)\s*(?P<all>\d+))?\s*[\])]*"
)
# "[3/90]" of own programs; "Train: 3 [  50/1251 (  4%)]" of timm.
SHORT = re.compile(
    r"^\s*(?:\[\s*(?P<epoch>\d+)\s*/\s*(?P<all>\d+)\s*\]|(?:Train|Eval|Test|Val\w*):?\s+(?P<timm>\d+)(?=\s+\[\s*\d+/))"
)
BATCH = re.compile(
    r"[\[(]\s*(\d+)\s*/\s*(\d+)\s*(?:\(\s*\d+(?:\.\d+)?\s*%\s*\))?\s*[\])]"
    r"|(?i:\b(?:step|batch|iter(?:ation)?)\s*[:#]?)\s*(\d+)\s*/\s*(\d+)"
)
BAR = re.compile(r"(?:^|\s|\|)(\d+)/(\d+)\s*(?=\[|\s*[━=]|\s+\d+s\b)")
TQDM = re.compile(r"\d+%\|[^|]*\|\s*(\d+)(?:\.\d+)?/(\d+)(?:\.\d+)?\s*\[[^\]]*\]|\d+it \[[^\]]*\]|\d+%\|[^|]*\|")
PER_EPOCH = re.compile(r"s/epoch|epoch/s")  # tqdm's bar over the epochs themselves
KERAS_TIME = re.compile(
    r"(?:^|-\s|\]\s*-?\s*|━\s*)(\d+)s(?:\s+\d+(?:\.\d+)?m?s/(?:step|epoch|sample))?(?=\s*[-\[]|\s+loss|\s+acc|$|\s+\d)"
)
CLOCK = re.compile(r"(\d+)\s*m(?:in)?\s*(\d+(?:\.\d+)?)\s*s\b")
PAIR = re.compile(
    rf"(?P<label>[A-Za-z][\w@/\-.^]*(?:[ ]+[A-Za-z(@][\w@/\-.()%^]*){{0,4}}[ ]?[1-5]?\)?)\s*"
    rf"(?:\((?:%|s|sec|secs|seconds|avg|mean|in %)\))?\s*(?:[:=]|\bis\b|->|→)?\s*(?:tensor\(|\[|\{{|')*\s*"
    rf"(?<![\w.])(?P<value>{NO_NUMBER}|{NUMBER})(?!\d|\.\d|(?!(?:s|m|h|secs?|mins?)\b)[A-Za-z_])(?P<more>\s*/\s*(?P<of>\d+))?\s*(?P<percent>%)?\s*"
    rf"(?P<unit>(?:mins?|minutes?|secs?|seconds?|hours?|s|m|h)\b)?\s*(?:\(\s*(?P<inner>{NUMBER})\s*(?P<inner_percent>%)?\s*\))?",
    re.I,
)
REPEATS = re.compile(
    r"(?i)\bbest\b|improved from|did not improve|didn't improve|highest|early ?stopping counter|so far"
)
UNITS = {"m": 60, "min": 60, "mins": 60, "minute": 60, "minutes": 60, "h": 3600, "hour": 3600, "hours": 3600}
SPEAKS = re.compile(r"(?i)\b(?:\w*loss|\w*acc(?:uracy)?)\b[^A-Za-z]{0,12}(?:\d|nan\b)")
NOTICES = {
    "resume": re.compile(
        r"(?i)\bresum(?:e|ed|ing)\b(?! *[=:] *(?:none|false|''|\"\"|,))|=> loaded checkpoint|loading checkpoint"
        r"|restor(?:ed|ing) (?:from|checkpoint)"
    ),
    "unfreeze": re.compile(r"(?i)\bun-?fr(?:eez|oz)"),
    "rate": re.compile(r"(?i)(?:reduc|adjust|decay|decreas|lower)\w*\s+(?:the )?(?:learning[ _]rate|lr)"),
    "early stop": re.compile(r"(?i)\bearly[ _-]?stop(?:ping|ped)?\b(?!.{0,12}(?:counter|patience))"),
    "interrupt": re.compile(r"KeyboardInterrupt|(?i:\binterrupted\b)"),
    "crash": re.compile(
        r"^Traceback \(most recent|OutOfMemory|(?i:CUDA (?:error|out of memory))|^Killed\b|Segmentation fault"
    ),
}
SIZE = r"(?:set\s*)?(?:size|images|samples)\s*[:=]\s*(\d[\d,]*)(?![\d.]*[KkM])"
TRAIN_IMAGES = re.compile(
    rf"(?i)\btrain(?:ing)?\s+on\s+(\d+)\s+samples|['\"]train['\"]\s*:\s*(\d+)\s*,\s*['\"](?:val|test)"
    rf"|(?:train|training)\s*{SIZE}"
)
HELD_IMAGES = re.compile(
    rf"(?i)\bvalidate\s+on\s+(\d+)\s+samples|['\"](?:val|test)['\"]\s*:\s*(\d+)\s*\}}"
    rf"|(?:val|validation|test)\s*{SIZE}"
)
TIME = re.compile(
    rf"(?i)\b(?:epoch[ _])?(?:time|took|elapsed|duration)\b(?:\s*\((?:s|secs?|seconds)\))?\s*[:=]?\s*({NUMBER})"
    rf"(?![\d.])\s*(mins?|minutes?|secs?|seconds?|hours?|s|m|h)?(?!\s*(?:\(|ms|/|\w))"
)
COUNTER = re.compile(r"(?i)\b(?:iter(?:ation)?|step|global step)s?\s*[:=#\[]?\s*(\d+)")
CUT = 0.9  # of an epoch: a log that ends before was cut
MOST_UNREAD = 200


@dataclass
class _Reading:
    """Where the reader stands in a log."""

    found: Rows = field(default_factory=lambda: Rows(FORM))
    epoch: int | None = None
    ended: int | None = None  # the last epoch that tqdm's bar over epochs ended
    heading: str = ""
    columns: tuple[str, list[str]] | None = None


def read_text(text: str) -> Rows | None:
    """The rows of a text; None where it holds no value of a training."""
    state = _Reading()
    for count, raw in enumerate(re.split(r"\n", text), start=1):
        for piece in re.split(r"\r", raw):
            if piece.strip() and len(piece) < LONGEST:
                _line(state, piece, count)
    rows = state.found.rows
    if rows and rows[-1].part is not None and rows[-1].part < CUT and state.found.planned:
        state.found.noticed.append(Noticed("interrupt", "it ends within an epoch", rows[-1].line, len(rows)))
    return state.found if rows else None


def _line(state: _Reading, raw: str, count: int) -> None:
    found = state.found
    line = TAGS.sub(" ", ESCAPES.sub("", raw))
    if state.columns and (made := _of_table(state, line, count)):
        found.rows.append(made)
        return
    if begun := table.header(line.strip()):
        state.columns = begun
        return
    bare = STAMP.sub(" ", line)
    bare = STAMP.sub(" ", bare)
    _notice(state, bare, count)
    if REPEATS.search(bare):
        return
    epoch_split, part, rest = _place(state, bare)
    begins = re.match(r"[^A-Za-z]*([A-Za-z]+)(?!\w)", bare)
    if begins and (split := _last_split(begins[1])):
        state.heading = split
    values, percents, held = _values(rest, epoch_split or state.heading)
    if held is not None and found.val_images is None:
        found.val_images = held
    if part is not None:
        values.pop("epoch time", None)
    if values:
        state.columns = None
        only_rate = all((one := named(name)) and one.metric == "learning rate" for name in values)
        step = None
        if state.epoch is None and (at := COUNTER.search(bare)):
            step = float(at[1])
        found.rows.append(Row(values, count, _float(state.epoch), step, None if only_rate else part, percents))
    elif heading := _heading(bare):
        state.heading = heading
    elif SPEAKS.search(bare) and len(found.unread) < MOST_UNREAD and not TQDM.search(bare):
        found.unread.append((count, "it names a loss or an accuracy in a form that isn't known"))


def _float(value: int | None) -> float | None:
    return None if value is None else float(value)


def _of_table(state: _Reading, line: str, count: int) -> Row | None:
    delimiter, names = state.columns or ("", [])
    if set(line.strip()) <= set("|-: +=_"):
        return None
    cells = table.split_cells(line.strip(), delimiter)
    if delimiter == " " and len(cells) != len(names):
        cells = line.split()
    return table.row(cells, names, count) if len(cells) == len(names) else None


def _place(state: _Reading, line: str) -> tuple[str, float | None, str]:
    """Moves to the epoch that the line names. The split that its marker names, how much of the epoch is done (None:
    all), and the line without markers and counters."""
    part: float | None = None
    split = ""
    match = EPOCH.search(line) or SHORT.search(line)
    rest = line
    if match and match[0].lower().startswith("epochs") and not match["all"] and not SPEAKS.search(line):
        match = None  # "Epochs: 300" says how many there will be
    if match:
        epoch = int(match["epoch"] or match["timm"])
        if match["all"]:
            whole = int(match["all"])
            if epoch <= whole:
                state.found.planned = max(whole, state.found.planned or 0)
        split = SPLITS.get((match.groupdict().get("split") or "").lower(), "")
        if epoch != state.epoch:
            state.epoch, state.heading = epoch, ""
        rest = f"{line[: match.start()]} ; {line[match.end() :]}"
    bar = TQDM.search(rest)
    counter = (bar if bar and bar[1] else None) or BATCH.search(rest) or BAR.search(rest)
    if counter:
        done, of = (int(group) for group in counter.groups() if group)
        if bar and of and PER_EPOCH.search(bar[0]):
            state.epoch, state.ended = max(1, done), done
            state.found.planned = max(of, state.found.planned or 0)
        elif of and done < of:
            if bar and state.ended is not None and state.ended == state.epoch:
                state.epoch += 1  # the batches after a step of the epochs' bar
            part = done / of
            if BATCH.fullmatch(counter[0].strip()) and done >= of - 1:
                part = None
        if not (bar and bar[1]):
            rest = f"{rest[: counter.start()]} ; {rest[counter.end() :]}"
    elif match and (alone := re.match(r"\s*;\s*\[\s*\d+\s*\]\s*\[\s*(\d+)\s*/\s*(\d+)", rest)):
        part = int(alone[1]) / max(1, int(alone[2]))
    if bar:  # the values within its brackets are of the last batch or a running mean
        inside = re.search(r"\[[^\]]*?,\s*((?:[\w ]+=[^,\]]+,?\s*)+)\]", bar[0])
        rest = f"{rest[: bar.start()]} ; {inside[1] if inside else ''} ; {rest[bar.end() :]}"
        if part is None and inside and not PER_EPOCH.search(bar[0]):
            part = 1.0  # in full, and yet no mean of the epoch
    return split, part, rest


def _values(line: str, split: str) -> tuple[dict[str, float], set[str], int | None]:
    """Values by name with its split, those in percent, and the images that an accuracy counts of."""
    values: dict[str, float] = {}
    percents: set[str] = set()
    images: int | None = None
    words_before, carried = 0, split
    seconds = _seconds(line)
    for match in PAIR.finditer(line):
        before = line[words_before : match.start()]
        label = re.sub(r"\s+is\s*$", "", match["label"])
        said = _last_split(before)
        own = named(label) or named(_tail(label))
        name = label if named(label) else _tail(label)
        words_before = match.end()
        if match["unit"] and own is None:  # "train 2.6s" is a time, and no heading of what follows
            continue
        if said:
            carried = said
        if in_label := _last_split(label):
            carried = in_label
        if own is None or own.metric == "seconds":
            continue
        value = _number(match)
        if value is None:
            continue
        got, percent = value
        if own.metric == "learning rate":
            values["lr"] = got
            continue
        if match["of"] and own.metric == "accuracy" and 0 < int(match["of"]) >= got:
            got, percent, counted = got / int(match["of"]), False, int(match["of"])
            images = counted if (own.split or carried) != "train" else images
        full = name if own.split else f"{carried} {name}".strip()
        if full not in values:
            values[full] = got
            if percent or "%" in label:
                percents.add(full)
    if seconds is not None and values:
        values["epoch time"] = seconds
    return values, percents, images


def _number(match: re.Match[str]) -> tuple[float, bool] | None:
    got = number(match["value"])
    if got is None:
        return None
    value, percent = got[0], bool(match["percent"])
    # "Loss 0.51 (0.63)", "Prec@1 93.2 (92.4)": of this batch, and the mean so far. "9834/10000 (98%)": the same twice.
    if match["inner"] and not match["of"] and not percent:
        inner = number(match["inner"])
        if inner is not None:
            return inner[0], bool(match["inner_percent"])
    return value, percent


def _tail(label: str) -> str:
    """The last words of a label that say something: "Test set Average loss" is "Average loss" at least."""
    parts = label.split()
    for size in (3, 2, 1):
        if len(parts) > size and named(" ".join(parts[-size:])):
            return " ".join(parts[-size:])
    return parts[-1] if parts else label


def _last_split(text: str) -> str:
    """The split that the last such word of a text names."""
    found = [
        SPLITS[word]
        for word in re.findall(r"[a-z]+", text.lower())
        if word in SPLITS and word not in ("tr", "te", "fit")
    ]
    return found[-1] if found else ""


def _heading(line: str) -> str:
    """The split that a line without values announces, such as "Validating" or "[Val]"."""
    return _last_split(line) if len(line.split()) <= 8 else ""


def _seconds(line: str) -> float | None:
    """Seconds that the line gives for an epoch."""
    if match := TIME.search(line):
        return float(match[1]) * UNITS.get((match[2] or "s").lower(), 1)
    if (match := KERAS_TIME.search(line)) and re.search(r"loss", line):
        return float(match[1])
    if match := CLOCK.search(line):
        return 60 * float(match[1]) + float(match[2])
    return None


def _notice(state: _Reading, line: str, count: int) -> None:
    found = state.found
    for kind, pattern in NOTICES.items():
        if pattern.search(line):
            found.noticed.append(Noticed(kind, line.strip()[:160], count, len(found.rows)))
    found.train_images = found.train_images or _counted(TRAIN_IMAGES, line)
    found.val_images = found.val_images or _counted(HELD_IMAGES, line)
    if not found.rows and "learning rate" not in found.settings:
        setting = re.search(rf"(?i)\b(?:learning[ _]rate|init_lr|lr)['\"]?\s*[:=]\s*({NUMBER})", line)
        if setting and 0 < float(setting[1]) < 100:
            found.settings["learning rate"] = float(setting[1])


def _counted(pattern: re.Pattern[str], line: str) -> int | None:
    match = pattern.search(line)
    return int(next(group for group in match.groups() if group).replace(",", "")) if match else None
