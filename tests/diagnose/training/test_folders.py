import pytest

from diagnose.interpreter.reader import Reader
from diagnose.libraries import registry
from diagnose.training.folders import class_folders


@pytest.fixture
def seen(tmp_path):
    def read(text):
        path = tmp_path / "train.py"
        path.write_text(text)
        reader = Reader(path, registry())
        reader.read()
        return [
            (one.location.line, {"loader": one.loader, "hidden": one.hidden, "raises": one.raises})
            for one in class_folders(reader)
        ]

    return read


def test_image_folder_counts_hidden_folders_and_raises_on_empty_ones(seen):
    text = "from torchvision import datasets\na = datasets.ImageFolder('train')\nb = datasets.ImageFolder('val')\n"
    fact = {"loader": "ImageFolder", "hidden": True, "raises": True}
    assert seen(text) == [(2, fact), (3, fact)]
    assert seen(text.replace("'train'", "'train', allow_empty=True"))[0][1]["raises"] is False


def test_kerass_two_loaders_differ_in_hidden_folders(seen):
    text = "from keras.preprocessing.image import ImageDataGenerator\nImageDataGenerator().flow_from_directory('t')\n"
    assert seen(text) == [(2, {"loader": "flow_from_directory", "hidden": True, "raises": False})]
    text = "import keras\nkeras.utils.image_dataset_from_directory('t')\n"
    assert seen(text) == [(2, {"loader": "image_dataset_from_directory", "hidden": False, "raises": False})]


def test_a_program_that_lists_files_by_itself_names_no_loader(seen):
    assert seen("import os\nfor name in os.listdir('train'):\n    print(name)\n") == []
