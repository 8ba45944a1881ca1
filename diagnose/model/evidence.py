"""All that checks may look at, and why a part of it is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeVar

from diagnose.model.basics import NotExamined
from diagnose.model.checkpoint import Checkpoint
from diagnose.model.config import OBSERVABLE, WOULD_SEE, Config, Setting
from diagnose.model.dataset import Dataset
from diagnose.model.facts import ClassFolders
from diagnose.model.history import History, LoggedRun
from diagnose.model.network import Measured, OwnNetwork
from diagnose.model.probes import Probes
from diagnose.model.program import Program
from diagnose.model.run import Run

T = TypeVar("T")

ENOUGH_LABELS = 24
ENOUGH_STEPS = 3  # of a run, from which on it refutes what the text seems to do
RAW_LIBRARIES = ("mmengine", "mmcv")  # whose Normalize takes statistics of 0..255


@dataclass(frozen=True)
class Evidence:
    """All that checks may look at. `absent` says why a part is missing: {"probes": "--no-probes was given"}."""

    dataset: Dataset | None = None
    configuration: Config | None = None
    measured: Probes | None = None
    absent: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    code: Program | None = None
    own: OwnNetwork | None = None
    ran: Run | None = None
    past: History | None = None
    autopsy: Checkpoint | None = None

    def _part(self, value: T | None, name: str) -> T:
        if value is None:
            raise NotExamined(self.absent.get(name, f"no evidence was gathered on the {name}"))
        return value

    @property
    def data(self) -> Dataset:
        """The scan of the dataset. Raises NotExamined, with the reason, where it is missing."""
        return self._part(self.dataset, "data")

    @property
    def config(self) -> Config:
        """The training configuration. Raises NotExamined, with the reason, where it is missing."""
        return self._part(self.configuration, "config")

    @property
    def probes(self) -> Probes:
        """What the probe trainings measured. Raises NotExamined, with the reason, where it is missing."""
        return self._part(self.measured, "probes")

    @property
    def program(self) -> Program:
        """The training program as it was read. Raises NotExamined, with the reason, where it is missing."""
        return self._part(self.code, "program")

    @property
    def run(self) -> Run:
        """What the program did in miniature. Raises NotExamined, with the reason, where it was not run."""
        return self._part(self.ran, "run")

    @property
    def planned_epochs(self) -> int | None:
        """Epochs of the training, as a framework was asked for, else as read; None where neither is known."""
        if self.ran is not None and self.ran.planned is not None and self.ran.planned > 0:
            return self.ran.planned
        return self.configuration.epochs.value if self.configuration else None

    @property
    def searched_data(self) -> Dataset:
        """The scan of the images, once near copies were looked for. Raises NotExamined, with the reason, before."""
        if not self.data.searched:
            raise NotExamined(self.absent.get("data.near", "near copies are still being looked for"))
        return self.data

    @property
    def network(self) -> OwnNetwork:
        """The person's own network. Raises NotExamined, with the reason, where it is missing."""
        return self._part(self.own, "network")

    @property
    def own_network(self) -> Measured:
        """What was measured of the person's own network. Raises NotExamined where there is none or it did not run."""
        if self.network.own is None:
            raise NotExamined("the network did not run")
        return self.network.own

    @property
    def history(self) -> History:
        """What earlier runs logged. Raises NotExamined, with the reason, where no log was given."""
        return self._part(self.past, "history")

    @property
    def logged(self) -> LoggedRun:
        """The logged run that most is known of. Raises NotExamined where the log holds none."""
        if self.history.main is None:
            raise NotExamined("no run was read from the log")
        return self.history.main

    def held_images(self, run: LoggedRun) -> int | None:
        """Images that a logged run validates on: as the log counts them, else of the scan; None where neither says."""
        if run.val_images:
            return run.val_images
        split = self.dataset.held_out_split if self.dataset else None
        return self.dataset.in_split(split) if self.dataset and split else None

    @property
    def class_count(self) -> int | None:
        """How many classes there are: those with images, else the outputs of the head; None where neither is known."""
        if self.dataset is not None:
            return sum(1 for count in self.dataset.per_class.values() if count)
        return self.configuration.head.value if self.configuration else None

    @property
    def majority(self) -> float | None:
        """The share (0..1) of the largest class among the validation images; None without them."""
        split = self.dataset.held_out_split if self.dataset else None
        if self.dataset is None or not split or not self.dataset.in_split(split):
            return None
        return max(self.dataset.counts[split].values()) / self.dataset.in_split(split)

    @property
    def checkpoint(self) -> Checkpoint:
        """The checkpoint that was examined. Raises NotExamined, with the reason, where it is missing."""
        return self._part(self.autopsy, "checkpoint")

    @property
    def training_images(self) -> int:
        """Images in the split that is trained on. Raises NotExamined without a dataset."""
        return self.data.in_split(self.data.train_split)

    @property
    def class_loader(self) -> ClassFolders | None:
        """Where the program takes folders for classes; None where it does not."""
        seen = self.code.facts(ClassFolders) if self.code else ()
        return seen[0] if seen else None

    def classes_in(self, split: str) -> frozenset[str]:
        """The classes of a split that hold images, as the program's loader counts them.

        Where the loader is unknown, as ImageFolder counts them: every folder is a class, hidden ones too. Raises
        NotExamined without a dataset, KeyError for a split that it lacks.
        """
        loader = self.class_loader
        hidden = loader is None or loader.hidden
        return frozenset(
            name for name, count in self.data.labels[split].items() if count and (hidden or name[:1] != ".")
        )

    @property
    def takes_raw_pixels(self) -> bool:
        """Whether pixels of 0..255 are meant: the weights take them, the network scales by itself, or the library
        normalises in these units."""
        code = self.code
        if code is None:
            return False
        if (code.managed_by or "").startswith(RAW_LIBRARIES) and self.config.mean.value:
            return True
        return code.weights_want in ("caffe", "built in") and self.config.weights.value != "none"

    @property
    def _run_speaks_for_all(self) -> bool:
        """Whether what a run saw holds for the whole program: a later training may differ, and not have begun."""
        return self.code is None or len(self.code.trainings()) <= 1

    @property
    def saw_usual_input(self) -> bool:
        """Whether a run saw training images reach the network on a usual scale, whatever the text seems to do."""
        feeds = self.ran.feeds if self.ran is not None else ()
        seen = [feed.pixels for feed in feeds if feed.part == "training" and feed.pixels is not None]
        return bool(seen) and all(pixels.usual or pixels.normalised_within for pixels in seen)

    @property
    def saw_cleared_gradients(self) -> bool:
        """Whether a run saw each step's gradients cleared before the next."""
        run = self.ran
        seen = run is not None and run.steps >= ENOUGH_STEPS and not any(one.accumulates for one in run.optimizers)
        return seen and self._run_speaks_for_all

    @property
    def saw_labels_fit(self) -> bool:
        """Whether a run saw labels that the outputs have room for, whatever classes the folders have: a program may
        group them."""
        run = self.ran
        if run is None or run.network is None or not run.network.outputs:
            return False
        labels = [label for feed in run.feeds for batch in feed.labels for label in batch]
        room = max(2, run.network.outputs)
        return len(labels) >= ENOUGH_LABELS and run.steps >= ENOUGH_STEPS and set(labels) == set(range(room))

    @property
    def saw_all_held(self) -> bool:
        """Whether a run saw every parameter that gets a gradient held by an optimizer."""
        run = self.ran
        seen = run is not None and run.steps >= ENOUGH_STEPS and run.network is not None and run.network.unheld is None
        return seen and self._run_speaks_for_all

    @property
    def saw_evaluation_mode(self) -> bool:
        """Whether a run saw all validation in evaluation mode, and training in training mode after it."""
        modes = self.ran.modes if self.ran is not None else None
        if modes is None or not modes.held_out or not modes.later_epochs or not self._run_speaks_for_all:
            return False
        return not any(mode for mode, _ in modes.held_out) and all(mode for mode, _ in modes.later_epochs)

    @property
    def saw_splits_alike(self) -> bool:
        """Whether a run saw images of both splits reach the network prepared alike."""
        feeds = {feed.part: feed for feed in reversed(self.ran.feeds)} if self.ran is not None else {}
        one, other = (feeds[part].pixels if part in feeds else None for part in ("training", "validation"))
        return one is not None and other is not None and one.shape == other.shape and not one.differs_from(other)

    @property
    def weights_want_rgb(self) -> bool:
        """Whether the pretrained weights are of the kind that wants red first, as all but Caffe's do."""
        return self.code is None or self.code.weights_want != "caffe"

    @property
    def raw_pixels_by_mistake(self) -> bool:
        """Whether the network is fed pixels of 0..255 that neither it nor mean and std are made for.

        Raises NotExamined where it is unknown what scales them.
        """
        config = self.config
        in_raw_units = config.mean.known and config.std.known and config.statistics_in_raw_units
        return config.raw_pixels and not self.takes_raw_pixels and not in_raw_units

    @property
    def full_run_steps(self) -> int:
        """Optimizer steps of the configured run, the last incomplete batch of each epoch counted as one.

        Raises NotExamined where the dataset, the epochs or the batch size are unknown.
        """
        return self.config.epochs.get() * -(-self.training_images // self.config.batch_size.get())

    def require(self, need: str) -> None:
        """Raises NotExamined unless `need`, such as "data" or "config.weights", is there."""
        part, _, item = need.partition(".")
        value = getattr(self, part)
        if item:
            value = getattr(value, item)
            if isinstance(value, Setting):
                if not value.known:
                    seen = item in OBSERVABLE and self.code is not None and self.ran is None
                    raise NotExamined(value.why + (WOULD_SEE if seen else ""))
            elif value is None:
                given = {"network": "the network did not run", "run": f"the run showed no {item.replace('_', ' ')}"}
                lacking = given.get(part, f"the probes gave no {item.replace('_', ' ')}")
                if part == "checkpoint":
                    lacking = self.checkpoint.lacking
                raise NotExamined(self.absent.get(need, lacking))
