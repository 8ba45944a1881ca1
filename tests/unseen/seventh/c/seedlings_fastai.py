from fastai.vision.all import *
import timm

set_seed(42, reproducible=True)
path = Path('plant-seedlings-v2')

# one folder per species, 12 of them
block = DataBlock(
    blocks=(ImageBlock, CategoryBlock),
    get_items=get_image_files,
    get_y=parent_label,
    splitter=RandomSplitter(valid_pct=0.2, seed=42),
    item_tfms=Resize(320),
    batch_tfms=aug_transforms(size=224, min_scale=0.75, flip_vert=True),  # fault: N203
)
dls = block.dataloaders(path, bs=64)
print(dls.vocab, dls.c)

net = timm.create_model('resnet34.a1_in1k', pretrained=True, num_classes=12)

def head_and_body(m):
    body = [p for n, p in m.named_parameters() if not n.startswith('fc.')]
    return L(body, list(m.fc.parameters()))

learn = Learner(dls, net, loss_func=CrossEntropyLossFlat(), splitter=head_and_body,
                metrics=[accuracy, F1Score(average='micro')], cbs=[CSVLogger('seedlings.csv')])

# all layers learn from the start, the body ten times slower than the new layer
learn.fit_one_cycle(12, slice(1e-4, 1e-3))
learn.save('seedlings_r34')

interp = ClassificationInterpretation.from_learner(learn)
print(interp.most_confused(min_val=4))
