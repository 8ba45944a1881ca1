"""Training in several processes: whether each gets its own part of the images, and a different one each epoch."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.interpreter.reader import Reader
from diagnose.interpreter.values import Ref, Thing, Value, plain
from diagnose.model import EveryProcessAlike, Fact
from diagnose.training.fields import Fields, ancestors
from diagnose.training.pytorch.data import base_dataset, dataset_of, is_stream, loader_of
from diagnose.training.pytorch.network import Network
from diagnose.training.pytorch.sessions import Session
from diagnose.training.unfollowed import unfollowed_calls

WRAPPERS = ("DistributedDataParallel", "DDP", "FullyShardedDataParallel", "FSDP", "fully_shard")
BY_THEMSELVES = ("accelerate", "lightning", "deepspeed", "composer", "ray", "ffcv", "webdataset", "wds", "horovod",
                 "nvidia", "ignite", "catalyst", "mmengine", "fastai", "colossalai", "torch_xla")  # fmt: skip
RANKS = ("get_rank", "get_world_size", "local_rank", "rank", "world_size", "process_index", "num_replicas")


def find_undistributed(reader: Reader, session: Session, network: Network | None, fields: Fields) -> Iterator[Fact]:
    """A loader that gives every process the same images, or the same order in every epoch."""
    wrapped = [event for event in reader.trace.calls() if event.short in WRAPPERS and event.name[:1].isalpha()]
    loader = loader_of(session)
    if not wrapped or loader is None or session.managed or loader.short != "DataLoader":
        return
    made = next((event.name for event in reader.trace.calls() if event.result is loader), "")
    if reader.libraries.intersection(BY_THEMSELVES) or _one_process(reader) or made.startswith("timm."):
        return
    dataset = dataset_of(loader)
    if is_stream(base_dataset(dataset)) or _dealt_by_hand(dataset) or reader.is_open(loader.at):
        return
    sampler = loader.arg(3, "sampler")
    drawn = [one for part in (sampler, loader.arg(4, "batch_sampler")) for one in ancestors(part, 60)]
    dealing = next((one for one in drawn if isinstance(one, Thing) and one.short == "DistributedSampler"), None)
    if any(call.reaches((loader, dealing)) for call in unfollowed_calls(reader)):
        return
    if dealing is None:
        if all(plain(one, ...) is None for one in drawn):
            yield EveryProcessAlike(loader.at, "no_sampler")
        return
    epoch_set = any(event.short == "set_epoch" and _may_tell(event.target, dealing) for event in reader.trace.calls())
    if session.epoch_loop is not None and not epoch_set and _repeats(session, fields) and _draws(dealing):
        yield EveryProcessAlike(session.epoch_loop.at, "no_epoch")


def _may_tell(target: Value | None, sampler: Thing) -> bool:
    """Whether set_epoch() belongs to the sampler, its holder, or an unknown object, not to another sampler."""
    return target is sampler or not (isinstance(target, Thing) and target.short == "DistributedSampler")


def _one_process(reader: Reader) -> bool:
    """Whether the program sets up a process group of size one."""
    groups = reader.trace.calls("torch.distributed.init_process_group")
    return any(plain(event.kwargs.get("world_size")) == 1 for event in groups)


def _repeats(session: Session, fields: Fields) -> bool:
    epochs = fields.settings.get("epochs")
    single = epochs is not None and epochs.known and epochs.value == 1
    return session.epoch_loop is not session.batch_loop and not single


def _draws(sampler: Thing) -> bool:
    return plain(sampler.arg(3, "shuffle"), True) is not False


def _dealt_by_hand(dataset: Value | None) -> bool:
    """Whether a dataset was made with the process's rank."""
    names = (
        one.name.rpartition(".")[2].strip("'[]") for one in ancestors(dataset, 200) if isinstance(one, Ref | Thing)
    )
    words = (plain(one) for one in ancestors(dataset, 200))
    named = {*names, *(word.lower() for word in words if isinstance(word, str))}
    return any(name in named for name in RANKS)
