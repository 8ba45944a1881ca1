"""Whether images end as 0..1 or as 0..255, by the type of what each step is given."""

import pytest
from small_programs import found, judged, reading, said, training

from diagnose.model import ConvertedTwice, UnscaledFloats

DATASET = """import cv2, numpy as np
from PIL import Image
class Pictures(torch.utils.data.Dataset):
    def __init__(self, files, transform):
        self.files, self.transform = files, transform
    def __len__(self):
        return len(self.files)
    def __getitem__(self, i):
        {body}
        return image, 0
train_tf = {tf}"""
TF = "T.Compose([T.ToTensor(), norm])"
READ = "image = cv2.cvtColor(cv2.imread(self.files[i]), cv2.COLOR_BGR2RGB)"


def own(tmp_path, body, tf=TF):
    data = "Pictures(['a.jpg'], train_tf)"
    return reading(tmp_path, training(train_tf=f"None\n{DATASET.format(body=body, tf=tf)}", train_data=data))


@pytest.mark.parametrize(
    "body",
    [
        f"{READ}.astype(np.float32)\n        image = self.transform(image)",
        "image = np.array(Image.open(self.files[i]), dtype=np.float32)\n        image = self.transform(image)",
        "image = np.asarray(Image.open(self.files[i])).astype('float32')\n        image = self.transform(image)",
        f"{READ}\n        image = cv2.resize(image, (224, 224)).astype(float)\n        image = self.transform(image)",
        f"{READ}\n        image = self.transform(np.float32(image))",
    ],
)
def test_to_tensor_leaves_floats_as_they_are(tmp_path, body):
    read = own(tmp_path, body)
    assert said(read, "scaling") == ()
    (seen,) = read.program.facts(UnscaledFloats)
    _, (finding,) = judged(read, "C337")
    assert finding.location == seen.location
    assert "float" in finding.summary
    assert not found(read, "N204")
    assert not found(read, "N201")


@pytest.mark.parametrize(
    ("body", "tf"),
    [
        (f"{READ}\n        image = self.transform(image)", TF),
        ("image = self.transform(Image.open(self.files[i]).convert('RGB'))", TF),
        (f"{READ}.astype(np.float32) / 255.0\n        image = self.transform(image)", TF),
        (f"{READ} / 255.\n        image = self.transform(image.astype('float32'))", TF),
        ("image = np.array(Image.open(self.files[i])).astype(np.float32)\n"
         "        image = self.transform(Image.fromarray(image.astype(np.uint8)))", TF),
        ("image = self.transform(Image.open(self.files[i]))",
         "T.Compose([T.PILToTensor(), T.ConvertImageDtype(torch.float32), norm])"),
        ("image = self.transform(Image.open(self.files[i]))",
         "T.Compose([T.ToTensor(), T.ConvertImageDtype(torch.float32), norm])"),
        (f"{READ}\n        image = self.transform(image=image)['image']",
         "A.Compose([A.HorizontalFlip(), A.Normalize(), ToTensorV2()])"),
        (f"{READ}\n        image = T.ToTensor()(self.transform(image=image)['image'])",
         "A.Compose([A.HorizontalFlip(), A.Normalize()])"),
    ],
)  # fmt: skip
def test_images_that_are_scaled_once(tmp_path, body, tf):
    if "A.Compose" in tf:
        body = f"{body}"
        tf = f"None\nimport albumentations as A\nfrom albumentations.pytorch import ToTensorV2\ntrain_tf = {tf}"
    read = own(tmp_path, body, tf)
    assert not any(found(read, code) for code in ("N201", "N202", "N204"))


@pytest.mark.parametrize(
    ("body", "tf", "code"),
    [
        (f"{READ} / 255.0\n        image = self.transform(image=image)['image']", "A.Compose([A.Normalize()])", "N202"),
        (f"{READ}\n        image = self.transform(image=image)['image']",
         "A.Compose([A.ToFloat(max_value=255.0), A.Normalize()])", "N202"),
        ("image = self.transform(Image.open(self.files[i])) / 255", TF, "N202"),
        (f"{READ}\n        image = self.transform(torch.from_numpy(image).permute(2, 0, 1).float())",
         "T.Compose([norm])", "N201"),
    ],
)  # fmt: skip
def test_images_that_are_scaled_twice_or_never(tmp_path, body, tf, code):
    tf = f"None\nimport albumentations as A\ntrain_tf = {tf}" if "A.Compose" in tf else tf
    assert found(own(tmp_path, body, tf), code)


FUNCTIONAL = (
    "image = T.functional.to_tensor({})\n"
    "        image = T.functional.normalize(image, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225])"
)


@pytest.mark.parametrize(
    ("given", "scaling"),
    [("Image.open(self.files[i])", ("1/255",)), ("np.array(Image.open(self.files[i])).astype(np.float32)", ())],
)
def test_functions_in_place_of_transforms(tmp_path, given, scaling):
    read = own(tmp_path, FUNCTIONAL.format(given), "None")
    assert said(read, "scaling") == scaling
    assert said(read, "mean") == (0.485, 0.456, 0.406)
    assert said(read, "train_augmentations") == ()
    drawn = "box = T.RandomCrop.get_params(0, (9, 9))\n        " + FUNCTIONAL.format(given)
    assert said(own(tmp_path, drawn, "None"), "train_augmentations") == "?"


def test_one_image_in_two_sizes_is_scaled_once_in_each(tmp_path):
    body = (
        "image = Image.open(self.files[i])\n        small = T.ToTensor()(image)\n        image = self.transform(image)"
    )
    assert said(own(tmp_path, body), "scaling") == ("1/255",)


def test_a_type_as_a_step(tmp_path):
    read = own(
        tmp_path, "image = self.transform(Image.open(self.files[i]))", "T.Compose([np.float32, T.ToTensor(), norm])"
    )
    assert said(read, "scaling") == ()


@pytest.mark.parametrize(
    ("steps", "twice"),
    [
        ("T.ToTensor(), T.Resize(224), T.ToTensor(), norm", True),
        ("T.PILToTensor(), T.ToTensor(), norm", True),
        ("T.ToTensor(), T.ToPILImage(), T.Resize(224), T.ToTensor(), norm", False),
        ("T.Resize(256), T.ToTensor(), norm", False),
        ("T.ToTensor(), T.Lambda(lambda x: x.numpy()), T.ToTensor()", False),
    ],
)
def test_a_tensor_is_no_picture(tmp_path, steps, twice):
    read = reading(tmp_path, training(train_tf=f"T.Compose([{steps}])"))
    assert bool(read.program.facts(ConvertedTwice)) is twice
    assert found(read, "C337") is twice
