import ast

import pytest

from diagnose.fixes.place import Place
from diagnose.fixes.rewrites import REWRITES, TOUCHED
from diagnose.fixes.script import Script

LOOP = """\
for epoch in range(9):
    for x, y in train:
        loss = f(net(x), y)
        loss.backward()
        opt.zero_grad()
        opt.step()
        total += loss
    for x, y in val:
        net(x)
"""
FITTED = "m.compile('adam', 'mse')\nm.fit(x)\nbase.trainable = True\nm.fit(x)\n"
# rewrite, line, text, what the first proposal is
CASES = [
    ("clear-gradients", 3, "while 1:\n    l = f()\n    l.backward()\n    o.step()\n",
     "while 1:\n    l = f()\n    o.zero_grad()\n    l.backward()\n    o.step()\n"),
    ("move-before-backward", 5, LOOP,
     LOOP.replace("        opt.zero_grad()\n", "").replace("  loss.back", "  opt.zero_grad()\n        loss.back")),
    ("delete-statement", 6, LOOP, LOOP.replace("        opt.step()\n", "")),
    ("drop-softmax", 1, "y = F.softmax(net(x), dim=1)\n", "y = net(x)\n"),
    ("drop-softmax", 1, "y = net(x).softmax(1)\n", "y = net(x)\n"),
    ("drop-softmax", 1, "n = Sequential(a, nn.Softmax(dim=1))\n", "n = Sequential(a)\n"),
    ("drop-softmax", 1, 'n = Dense(3, activation="softmax")\n', "n = Dense(3)\n"),
    ("keep-number", 7, LOOP, LOOP.replace("+= loss", "+= loss.item()")),
    ("keep-number", 1, "kept.append(loss)\n", "kept.append(loss.item())\n"),
    ("keep-number", 1, "total = total + loss\n", "total = total + loss.item()\n"),
    ("modern-name", 1, "m = resnet50(pretrained=True)\n", 'm = resnet50(weights="DEFAULT")\n'),
    ("modern-name", 1, "o = Adam(lr=0.1)\n", "o = Adam(learning_rate=0.1)\n"),
    ("modern-name", 1, "m.fit_generator(x)\n", "m.fit(x)\n"),
    ("set-seed", 1, "import torch as t\nimport os\nx()\n", "import torch as t\nimport os\nt.manual_seed(0)\nx()\n"),
    ("set-seed", 1, "from keras.layers import Dense\n",
     "from keras.layers import Dense\nimport keras\nkeras.utils.set_random_seed(0)\n"),
    ("evaluate-in-eval-mode", 9, LOOP, LOOP.replace("    for x, y in val", "    net.eval()\n    for x, y in val")),
    ("train-in-train-mode", 2, "for e in r:\n    net.eval()\n", "for e in r:\n    net.train()\n    net.eval()\n"),
    ("without-gradients", 1, "a = [net(x) for x in v]\n", "with torch.no_grad():\n    a = [net(x) for x in v]\n"),
    ("schedule-by-epoch", 3, "for e in r:\n    for x in d:\n        s.step()\n        f()\n",
     "for e in r:\n    for x in d:\n        f()\n    s.step()\n"),
    ("step-after-optimizer", 2, "for x in d:\n    s.step()\n    o.step()\n    f()\n",
     "for x in d:\n    o.step()\n    s.step()\n    f()\n"),
    ("not-in-place-of-invert", 1, "if ~args.plain:\n    f()\n", "if (not args.plain):\n    f()\n"),
    ("replace-loss", 1, "c = nn.NLLLoss()\n", "c = nn.CrossEntropyLoss()\n"),
    ("replace-loss", 1, 'compile(loss="binary_crossentropy")\n', 'compile(loss="categorical_crossentropy")\n'),
    ("single-output", 1, 'Dense(1, activation="softmax")\n', 'Dense(1, activation="sigmoid")\n'),
    ("outputs-for-classes", 1,
     'm.add(Dense(1, activation="sigmoid"))\nm.compile(loss="binary_crossentropy")\n'
     'd = g.flow_from_directory(a, class_mode="binary")\n',
     'm.add(Dense(3, activation="softmax"))\nm.compile(loss="categorical_crossentropy")\n'
     'd = g.flow_from_directory(a, class_mode="categorical")\n'),
    ("outputs-for-classes", 1,
     "m.add(Dense(units=1))\nm.add(Activation('sigmoid'))\nm.compile(loss=keras.losses.BinaryCrossentropy(), "
     "metrics=['binary_accuracy'])\nd = image_dataset_from_directory(a)\n",
     "m.add(Dense(units=3))\nm.add(Activation(\"softmax\"))\nm.compile(loss=keras.losses.CategoricalCrossentropy(), "
     'metrics=["accuracy"])\nd = image_dataset_from_directory(a, label_mode="categorical")\n'),
    ("order-transforms", 1, "t = [Normalize(), ToTensor(), Flip()]\n", "t = [ToTensor(), Normalize(), Flip()]\n"),
    ("compile-again", 3, FITTED, FITTED.replace("True\n", "True\nm.compile('adam', 'mse')\n")),
    ("mix-before-split", 4,
     "import numpy as np\nx = np.array(a)\ny = np.array(b)\nm.fit(x, y, validation_split=0.1)\n",
     "import numpy as np\nx = np.array(a)\ny = np.array(b)\nx, y = (np.asarray(part)[np.random.default_rng(0)."
     "permutation(len(part))] for part in (x, y))\nm.fit(x, y, validation_split=0.1)\n"),
    ("keep-labels", 1, "y = y / 255.0\n", "y = y\n"),
    ("outputs-as-probabilities", 1, "m.add(Dense(5))\n", 'm.add(Dense(5, activation="softmax"))\n'),
    ("outputs-as-probabilities", 1, "m.add(Dense(5, activation='relu'))\n",
     "m.add(Dense(5, activation=\"softmax\"))\n"),
    ("restore-optimizer", 3, "opt = A()\nc = load(p)\nm.load_state_dict(c['m'])\nsave({'m': m.state_dict(), "
     "'opt': opt.state_dict()})\n", "opt = A()\nc = load(p)\nm.load_state_dict(c['m'])\nopt.load_state_dict(c['opt'])\n"
     "save({'m': m.state_dict(), 'opt': opt.state_dict()})\n"),
    ("unpack-weights", 1, "m.load_state_dict(c, strict=False)\nsave({'m': m.state_dict()})\n",
     "m.load_state_dict(c['m'], strict=False)\nsave({'m': m.state_dict()})\n"),
    ("pass-training", 1, "x = F.dropout(x, 0.5)\n", "x = F.dropout(x, 0.5, training=self.training)\n"),
    ("activate-between", 1, "x = self.fc(x)\n", "x = self.fc(torch.relu(x))\n"),
    ("divide-loss", 2, "for i, x in d:\n    loss.backward()\n    if i % N == 0:\n        o.step()\n",
     "for i, x in d:\n    (loss / N).backward()\n    if i % N == 0:\n        o.step()\n"),
    ("clear-after-step", 2, "for i in d:\n    o.zero_grad()\n    l.backward()\n    if i % 4:\n        o.step()\n",
     "for i in d:\n    l.backward()\n    if i % 4:\n        o.step()\n        o.zero_grad()\n"),
    ("unscale-before", 1, "clip(p, 1)\nscaler.step(opt)\n", "scaler.unscale_(opt)\nclip(p, 1)\nscaler.step(opt)\n"),
    ("update-scaler", 1, "s.step(o)\n", "s.step(o)\ns.update()\n"),
    ("step-by-scaler", 2, "s.scale(l).backward()\no.step()\n", "s.scale(l).backward()\ns.step(o)\ns.update()\n"),
    ("set-epoch", 1, "for e in r:\n    for x in tqdm(d):\n        f()\n",
     "for e in r:\n    d.sampler.set_epoch(e)\n    for x in tqdm(d):\n        f()\n"),
    ("normalise", 1, "t = T.Compose([T.Resize(9), T.ToTensor()])\n",
     "t = T.Compose([T.Resize(9), T.ToTensor(), T.Normalize(mean=[0.5], std=[0.25])])\n"),
    ("sort-names", 1, "n = [f for f in os.listdir(d)]\n", "n = [f for f in sorted(os.listdir(d))]\n"),
    ("sort-names", 1, "n = list(set(y))\nm = sorted(glob(d))\n", "n = sorted(set(y))\nm = sorted(glob(d))\n"),
    ("sort-names", 1, "n = list({f[0] for f in x})\n", "n = list(sorted({f[0] for f in x}))\n"),
    ("keep-order", 1, "t = g.flow_from_directory(d)\n", "t = g.flow_from_directory(d, shuffle=False)\n"),
    ("keep-order", 1, "t = image_dataset_from_directory(d, shuffle=True)\n",
     "t = image_dataset_from_directory(d, shuffle=False)\n"),
    ("divide-by-batches", 1, "a = b / len(test.dataset)\n", "a = b / len(test)\n"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "line", "text", "after"), CASES)
def test_the_first_proposal(name, line, text, after):
    place = Place(Script(text), line, {"mean": (0.5,), "std": (0.25,), "head": 3})
    assert next(REWRITES[name](place)) == after


def test_every_rewrite_has_a_case_and_what_it_touches_is_of_one():
    assert {name for name, *_ in CASES} == set(REWRITES)
    assert set(TOUCHED) <= set(REWRITES)


@pytest.mark.parametrize("name", REWRITES)
@pytest.mark.parametrize("line", range(1, 12))
def test_every_proposal_is_python_and_nothing_is_proposed_where_nothing_is(name, line):
    for text in (LOOP, "pass\n", ""):
        for proposal in REWRITES[name](Place(Script(text), line, {"val_mean": (0.5,), "val_std": (1.0,)})):
            ast.parse(proposal)


HEAD = 'm.add(Dense(1, activation="sigmoid"))\nm.compile(loss="binary_crossentropy")\n'


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("outputs-for-classes", HEAD),  # the form of the labels is not written down
        ("outputs-for-classes", HEAD + "d = g.flow_from_directory(a, class_mode=mode)\n"),
        ("outputs-for-classes", HEAD + 'd = g.flow_from_directory(a, class_mode="binary")\ny = m.predict(d) > 0.5\n'),
        ("outputs-for-classes", HEAD.replace("1", "5") + 'd = g.flow_from_directory(a, class_mode="binary")\n'),
        ("single-output", 'Dense(5, activation="softmax")\n'),
        ("normalise", "t = T.Compose([T.Grayscale(), T.ToTensor()])\n"),
    ],
)
def test_nothing_is_proposed_that_would_break_the_run(name, text):
    assert not list(REWRITES[name](Place(Script(text), 1, {"mean": (0.5,) * 3, "std": (0.2,) * 3, "head": 3})))


def test_every_rewrite_that_a_check_names_is_there():
    from pathlib import Path

    import diagnose.checks

    named = {
        node.value
        for path in Path(diagnose.checks.__path__[0]).glob("*.py")
        for keyword in ast.walk(ast.parse(path.read_text()))
        if isinstance(keyword, ast.keyword) and keyword.arg == "rewrites"
        for node in ast.walk(keyword.value)
        if isinstance(node, ast.Constant)
    }
    assert named == set(REWRITES)
