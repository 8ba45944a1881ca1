"""All that checks may look at, and why a part of it is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeVar

from diagnose.model.basics import NotExamined
from diagnose.model.checkpoint import Checkpoint
from diagnose.model.config import Config, Setting
from diagnose.model.dataset import Dataset
from diagnose.model.facts import ClassFolders
from diagnose.model.network import Measured, OwnNetwork
from diagnose.model.probes import Probes
from diagnose.model.program import Program

T = TypeVar("T")

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
                    raise NotExamined(value.why)
            elif value is None:
                lacking = (
                    "the network did not run" if part == "network" else f"the probes gave no {item.replace('_', ' ')}"
                )
                if part == "checkpoint":
                    lacking = self.checkpoint.lacking
                raise NotExamined(self.absent.get(need, lacking))
