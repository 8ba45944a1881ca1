import numpy as np
import pytest
from folders import fill, listed

from diagnose.dataset.reading import read
from diagnose.dataset.sources.find import find_source
from diagnose.model import InputError


def write(path, *lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines))


def jpgs(root, *names):
    fill(root, {"any": 1}, 16)
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes((root / "any" / "000.png").read_bytes())
    (root / "any" / "000.png").unlink()
    (root / "any").rmdir()
    return root


def test_flowers(tmp_path):
    from scipy.io import savemat

    root = jpgs(tmp_path / "flowers-102", *(f"jpg/image_{n:05d}.jpg" for n in range(1, 7)))
    savemat(root / "imagelabels.mat", {"labels": np.array([[1, 2, 1, 2, 1, 2]])})
    savemat(root / "setid.mat", {"trnid": [[1, 2]], "valid": [[3, 4]], "tstid": [[5, 6]]})
    one = {"1": 1, "2": 1}
    assert listed(find_source(tmp_path)) == {"train": one, "val": one, "test": one}
    (root / "setid.mat").write_bytes(b"x")
    with pytest.raises(InputError, match="looks like a set of torchvision's"):
        find_source(root)


def test_pets(tmp_path):
    jpgs(tmp_path, "images/Bengal_1.jpg", "images/american_bulldog_2.jpg")
    write(tmp_path / "annotations" / "trainval.txt", "Bengal_1 1 1 1")
    write(tmp_path / "annotations" / "test.txt", "american_bulldog_2 2 2 1")
    assert listed(find_source(tmp_path)) == {"train": {"Bengal": 1}, "test": {"american_bulldog": 1}}


def test_cars(tmp_path):
    from scipy.io import savemat

    jpgs(tmp_path, "cars_train/1.jpg", "cars_test/1.jpg")
    kind = [("class", "O"), ("fname", "O")]
    for name in ("cars_train_annos", "cars_test_annos_withlabels"):
        savemat(tmp_path / f"{name}.mat", {"annotations": np.array([[(2, "1.jpg")]], kind)})
    savemat(tmp_path / "cars_meta.mat", {"class_names": np.array([["Acura RL", "AM General"]], object)})
    assert listed(find_source(tmp_path)) == {"train": {"AM General": 1}, "test": {"AM General": 1}}


@pytest.mark.parametrize(("folder", "name", "ending"), [("labels", "{}1.txt", ".jpg"), ("meta", "{}.txt", "")])
def test_lists_of_splits_beside_class_folders(tmp_path, folder, name, ending):
    jpgs(tmp_path, *(f"images/{c}/{n}.jpg" for c in ("a", "b") for n in range(3)))
    for split, n in (("train", 0), ("val", 1), ("test", 2)):
        write(tmp_path / folder / name.format(split), f"a/{n}{ending}", f"b/{n}{ending}")
    one = {"a": 1, "b": 1}
    assert listed(find_source(tmp_path)) == {"train": one, "val": one, "test": one}


def test_birds(tmp_path):
    jpgs(tmp_path, "CUB_200_2011/images/001.A/x.jpg", "CUB_200_2011/images/002.B/y.jpg")
    for name, lines in (("images", ("1 001.A/x.jpg", "2 002.B/y.jpg")), ("image_class_labels", ("1 1", "2 2")),
                        ("train_test_split", ("1 1", "2 0"))):  # fmt: skip
        write(tmp_path / "CUB_200_2011" / f"{name}.txt", *lines)
    assert listed(find_source(tmp_path)) == {"train": {"001.A": 1}, "test": {"002.B": 1}}


def test_stl10(tmp_path):
    (tmp_path / "stl10_binary").mkdir()
    (tmp_path / "stl10_binary" / "train_X.bin").write_bytes(bytes(2 * 27_648))
    (tmp_path / "stl10_binary" / "train_y.bin").write_bytes(b"\1\2")
    write(tmp_path / "stl10_binary" / "class_names.txt", "airplane", "bird")
    assert listed(find_source(tmp_path)) == {"train": {"airplane": 1, "bird": 1}}


def test_faces_by_attribute_and_by_identity(tmp_path):
    jpgs(tmp_path, "img_align_celeba/1.jpg", "img_align_celeba/2.jpg")
    write(tmp_path / "list_attr_celeba.txt", "2", "Bald Young", "1.jpg  1  1", "2.jpg -1 -1")
    write(tmp_path / "identity_CelebA.txt", "1.jpg 7", "2.jpg 9")
    source = find_source(tmp_path)
    assert listed(source) == {"all": {"Bald + Young": 1, "(no label)": 1}}
    assert source.several
    assert "identity_CelebA.txt" in source.notes[0].step
    assert listed(find_source(tmp_path / "identity_CelebA.txt")) == {"all": {"7": 1, "9": 1}}


def test_aircraft(tmp_path):
    jpgs(tmp_path, "data/images/1.jpg", "data/images/2.jpg")
    write(tmp_path / "data" / "images_variant_train.txt", "1 707-320")
    write(tmp_path / "data" / "images_variant_test.txt", "2 Boeing 717")
    assert listed(find_source(tmp_path)) == {"train": {"707-320": 1}, "test": {"Boeing 717": 1}}


def test_cifar_as_a_binary(tmp_path):
    place = tmp_path / "cifar-100-binary"
    place.mkdir()
    (place / "fine_label_names.txt").write_text("apple\nbear\n")
    for name in ("train.bin", "test.bin"):
        (place / name).write_bytes(b"".join(bytes([0, n % 2]) + bytes([n]) * 3_072 for n in range(4)))
    source = find_source(tmp_path)
    assert listed(source) == {split: {"apple": 2, "bear": 2} for split in ("train", "test")}
    entry = list(source.entries())[1]
    assert read(entry.path, entry.member).endswith(bytes([1]) * 3_072)
