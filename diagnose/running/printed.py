"""What the program prints, and whether an accuracy in it is what its outputs and labels give."""

from __future__ import annotations

import re
from typing import IO, Any

import numpy as np

from diagnose.model.run import Printed
from diagnose.running.recorder import Batch, Recorder, answers_of

LAST = 6_000  # characters of the output that are kept for the report
MOST = 200_000  # characters that are searched for numbers after one validation
# "val acc: 0.43", "Accuracy 43.2 %", "acc=12/64": the number that follows a word for accuracy.
_ACCURACY = re.compile(
    r"(?i)(?:\b|_)(?:acc(?:uracy)?|top-?1|acc@1|precision@1)\b[^0-9\n%]{0,24}?(-?\d+(?:\.\d+)?(?:e-?\d+)?)\s*(%?)"
)
_TRAINING = re.compile(r"(?i)train|tr_|\btrn\b")
DIGITS = 6e-5  # to which four digits behind the point are printed
OF_ALL = "right answers over the images of the whole dataset, of which this loader draws a part"
CLOSE = 0.006  # of accuracies, by which what is printed is rounded


class Output:
    """Stands before stdout or stderr: passes everything on and keeps the end of it."""

    def __init__(self, stream: IO[str], store: Store) -> None:
        self._stream, self._store = stream, store

    def write(self, text: str) -> int:
        """Passes text on."""
        written = self._stream.write(text)  # first: what isn't text is refused here
        self._store.add(text)
        return written

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class Store:
    """Text as it is printed. since: what came since a validation began."""

    def __init__(self) -> None:
        self._last: list[str] = []
        self._length = 0
        self.since = ""

    def add(self, text: str) -> None:
        """More text."""
        self._last.append(text)
        self._length += len(text)
        if self._length > 4 * LAST:
            self._last = ["".join(self._last)[-LAST:]]
            self._length = len(self._last[0])
        if len(self.since) < MOST:
            self.since += text

    def last(self) -> str:
        """The end of the output."""
        return "".join(self._last)[-LAST:]

    def begin(self) -> None:
        """A validation begins."""
        self.since = ""


class PrintedAccuracy:
    """Holds what is printed after a validation beside what its batches give."""

    def __init__(self, recorder: Recorder, store: Store) -> None:
        self._recorder, self._store = recorder, store
        self.found: list[Printed] = []
        self._before: list[tuple[int, int]] = []  # right answers and images of earlier validations
        recorder.held_out_begins, recorder.printed_after = store.begin, self._after
        recorder.parts.append(lambda: {"printed": tuple(self.found[:8])})

    def _after(self, batches: list[Batch]) -> None:
        counted = [(*counts, batch.feed) for batch in batches if (counts := right(batch)) is not None]
        if len(counted) != len(batches) or not counted:
            return
        hits, images = sum(one for one, _, _ in counted), sum(count for _, count, _ in counted)
        feed = counted[0][2]
        each = [one / count for one, count, _ in counted]
        measured = hits / images
        sound = {measured, float(np.mean(each))}
        sound |= {hits / (feed.drawn or feed.images)} if feed.images else set()
        sound |= {sum(each) / feed.length} if feed.length else set()
        wrong = {} if len(each) < 2 else {
            "the sum of the batches' accuracies over the number of images": sum(each) / images,
            "right answers over the number of batches": hits / len(each),
            "the accuracy of the last batch alone": each[-1],
            "right answers over batches times batch size": hits / (len(each) * (feed.batch_size or images)),
        }  # fmt: skip
        if self._before and feed.images:
            past = sum(one for one, _ in self._before)
            if past:
                wrong["right answers of all epochs so far over the images of one"] = (hits + past) / images
                wrong["right answers of all epochs so far over the images of the split"] = (hits + past) / feed.images
        self._before.append((hits, images))
        of_all = hits / feed.images if feed.drawn and feed.images and hits else None
        for line in self._store.since.splitlines():
            for match in _ACCURACY.finditer(line):
                if _TRAINING.search(line[max(0, match.start() - 24) : match.start()]):
                    continue
                number = float(match[1])
                readings = [number / 100] if match[2] else [number] if abs(number) <= 1 else [number / 100, number]
                if of_all is not None and abs(readings[0] - of_all) < DIGITS:
                    self.found.append(Printed(line.strip()[:120], readings[0], measured, images, OF_ALL))
                    continue
                if any(abs(reading - one) < CLOSE for one in sound for reading in readings):
                    self.found.append(Printed(line.strip()[:120], readings[0], measured, images))
                    continue
                for reading in readings:
                    why = next((text for text, one in wrong.items() if abs(reading - one) < CLOSE / 3), "")
                    if why and "best" not in line.lower():
                        self.found.append(Printed(line.strip()[:120], reading, measured, images, why))
                        break


def right(batch: Batch) -> tuple[int, int] | None:
    """Right answers and images of a batch; None where outputs or labels are unknown."""
    answers = answers_of(batch)
    return (sum(answers), len(answers)) if answers else None
