"""The strengths of augmentations, where a program says them in plain numbers."""

import pytest
from small_programs import reading, said, training


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ("T.RandomHorizontalFlip()", ()),
        ("T.RandomHorizontalFlip(p=0.3)", (("random_horizontal_flip", 0.3),)),
        ("T.RandomResizedCrop(224, scale=(0.2, 1.0))", (("random_resized_crop", (0.2, 1.0)),)),
        ("T.RandomCrop(32, padding=4), T.RandomErasing(0.25)", (("random_crop", 4), ("random_erasing", 0.25))),
        ("T.RandomRotation(15)", (("random_rotation", 15),)),
        ("T.RandomRotation((-10, 20))", (("random_rotation", (-10, 20)),)),
        ("T.ColorJitter(0.4, saturation=0.2)", (("color_jitter", (0.4, 0, 0.2, 0)),)),
        ("T.ColorJitter(brightness=(0.8, 1.2))", ()),
        ("T.RandAugment(num_ops=3)", (("rand_augment", (3, 9)),)),
        ("T.RandomAffine(degrees=input())", ()),
        ("elsewhere.RandomErasing(p=0.9)", "?"),
    ],
)
def test_the_strengths_of_transforms(tmp_path, steps, expected):
    tf = f"T.Compose([T.Resize(224), {steps}, T.ToTensor(), norm])"
    read_ = reading(tmp_path, training(top="import elsewhere\nfrom torchvision.transforms import v2", train_tf=tf))
    assert said(read_, "augmentation_options") in (expected, ())


def test_strengths_of_the_held_out_images_are_not_of_the_training(tmp_path):
    tf = "T.Compose([T.Resize(224), T.RandomRotation(15), T.ToTensor(), norm])"
    assert said(reading(tmp_path, training(val_tf=tf)), "augmentation_options") == ()


def test_augmentations_that_are_unknown_have_unknown_strengths(tmp_path):
    read_ = reading(tmp_path, training(batch="x = x.flip(-1)"))
    assert said(read_, "augmentation_options") == "?"
