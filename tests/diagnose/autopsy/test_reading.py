import argparse
from collections import OrderedDict

import pytest
import torch

from diagnose.autopsy.assembling import named
from diagnose.autopsy.reading import Unreadable, read

WEIGHTS = OrderedDict((("conv.weight", torch.ones(2, 3, 1, 1)), ("fc.weight", torch.ones(2, 2))))


def saved(tmp_path, value, name="best.pth"):
    torch.save(value, tmp_path / name)
    return tmp_path / name


def test_a_bare_state_dict(tmp_path):
    assert set(read(saved(tmp_path, WEIGHTS)).state) == set(WEIGHTS)


@pytest.mark.parametrize("key", ["state_dict", "model", "model_state_dict", "net"])
def test_one_inside_a_checkpoint_beside_an_optimizer(tmp_path, key):
    optimizer = {"state": {0: {"exp_avg": torch.ones(9, 9)}}, "param_groups": []}
    contents = read(saved(tmp_path, {key: WEIGHTS, "optimizer": optimizer, "epoch": 7}))
    assert set(contents.state) == set(WEIGHTS)
    assert contents.place == key
    assert contents.settings["epoch"] == 7


def test_an_average_beside_the_weights_is_kept_apart(tmp_path):
    averaged = {key: value * 2 for key, value in WEIGHTS.items()}
    contents = read(saved(tmp_path, {"state_dict": WEIGHTS, "state_dict_ema": averaged}))
    assert float(contents.state["fc.weight"].max()) == 1
    assert float(contents.average["fc.weight"].max()) == 2


@pytest.mark.parametrize(
    ("more", "stated"),
    [({"best_acc1": torch.tensor(76.5)}, 0.765), ({"val_acc": 0.9, "epoch": 4}, 0.9), ({"train_acc": 0.99}, None),
     ({"epoch": 1, "val_loss": 0.3}, None), ({"accuracy": 130.0}, None)],
)  # fmt: skip
def test_the_accuracy_that_a_file_states(tmp_path, more, stated):
    assert read(saved(tmp_path, {"model": WEIGHTS, **more})).stated == (stated and pytest.approx(stated))


def test_class_names_and_arguments(tmp_path):
    arguments = argparse.Namespace(lr=0.1, img_size=96)
    contents = read(saved(tmp_path, {"model": WEIGHTS, "args": arguments, "class_to_idx": {"dog": 1, "cat": 0}}))
    assert contents.classes == ("cat", "dog")
    assert contents.settings["img_size"] == 96


def test_safetensors(tmp_path):
    safetensors = pytest.importorskip("safetensors.torch")
    safetensors.save_file(dict(WEIGHTS), tmp_path / "model.safetensors")
    assert set(read(tmp_path / "model.safetensors").state) == set(WEIGHTS)


class Harm:
    """Would make a file, were it unpickled."""

    def __init__(self, place):
        self.place = place

    def __reduce__(self):
        return open, (str(self.place), "w")


def test_a_whole_model_is_refused_and_nothing_of_it_runs(tmp_path):
    place = saved(tmp_path, {"model": WEIGHTS, "more": Harm(tmp_path / "harm")})
    with pytest.raises(Unreadable, match="holds more than tensors"):
        read(place)
    assert not (tmp_path / "harm").exists()


def test_a_file_that_is_cut_short(tmp_path):
    place = saved(tmp_path, WEIGHTS)
    place.write_bytes(place.read_bytes()[:200])
    with pytest.raises(Unreadable):
        read(place)


def test_a_file_without_weights(tmp_path):
    with pytest.raises(Unreadable, match="no state dict"):
        read(saved(tmp_path, {"epoch": 3}))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # Lightning's, of a training this small
def test_a_checkpoint_that_lightning_wrote(tmp_path):
    lightning = pytest.importorskip("lightning")
    torchvision = pytest.importorskip("torchvision")

    class Classifier(lightning.LightningModule):
        def __init__(self, classes, lr):
            super().__init__()
            self.save_hyperparameters()
            self.model = torchvision.models.shufflenet_v2_x0_5(num_classes=classes)

        def training_step(self, batch, index):
            loss = torch.nn.functional.cross_entropy(self.model(batch[0]), batch[1])
            self.log("val_acc", 0.75)
            return loss

        def configure_optimizers(self):
            return torch.optim.SGD(self.parameters(), self.hparams.lr)

    data = torch.utils.data.TensorDataset(torch.rand(4, 3, 32, 32), torch.zeros(4).long())
    kept = lightning.pytorch.callbacks.ModelCheckpoint(tmp_path, monitor="val_acc", mode="max", filename="best")
    trainer = lightning.Trainer(max_steps=1, accelerator="cpu", logger=False, callbacks=[kept],
                                enable_progress_bar=False, enable_model_summary=False)  # fmt: skip
    trainer.fit(Classifier(5, 0.1), torch.utils.data.DataLoader(data, batch_size=4))
    contents = read(tmp_path / "best.ckpt")
    assert contents.place == "state_dict"
    assert (contents.settings["lr"], contents.settings["classes"]) == (0.1, 5)
    assert named(contents.state) == ("shufflenet_v2_x0_5", True)
    assert contents.stated == pytest.approx(0.75)
