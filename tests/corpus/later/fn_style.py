import os, gc
import numpy as np, pandas as pd
import torch, timm
import torch.nn as nn
from torch.utils.data import Dataset, DataLoader
from torch.cuda import amp
from PIL import Image
from tqdm import tqdm
import torchvision.transforms as T

CONFIG = {
    "seed": 2022,
    "epochs": 4,
    "img_size": 300,
    "model_name": "tf_efficientnet_b3_ns",
    "num_classes": 15,
    "train_batch_size": 24,
    "valid_batch_size": 64,
    "learning_rate": 2e-4,
    "weight_decay": 1e-6,
    "n_accumulate": 1,
    "device": torch.device("cuda:0" if torch.cuda.is_available() else "cpu"),
}


def set_seed(seed=42):
    np.random.seed(seed)
    torch.manual_seed(seed)
    torch.cuda.manual_seed(seed)
    os.environ['PYTHONHASHSEED'] = str(seed)


class WhaleDataset(Dataset):
    def __init__(self, df, transforms=None):
        self.df = df
        self.paths = df['path'].values
        self.labels = df['label'].values
        self.transforms = transforms

    def __len__(self):
        return len(self.df)

    def __getitem__(self, index):
        img = Image.open(self.paths[index]).convert('RGB')
        if self.transforms:
            img = self.transforms(img)
        return {'image': img, 'label': torch.tensor(self.labels[index], dtype=torch.long)}


data_transforms = {
    "train": T.Compose([T.RandomResizedCrop(CONFIG['img_size']), T.RandomHorizontalFlip(), T.ToTensor(),
                        T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]), T.RandomErasing(p=0.3)]),
    "valid": T.Compose([T.Resize((CONFIG['img_size'], CONFIG['img_size'])), T.ToTensor(),
                        T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])]),
}


class WhaleModel(nn.Module):
    def __init__(self, model_name, pretrained=True):
        super(WhaleModel, self).__init__()
        self.model = timm.create_model(model_name, pretrained=pretrained)
        in_features = self.model.classifier.in_features
        self.model.classifier = nn.Identity()
        self.dropout = nn.Dropout(0.2)
        self.fc = nn.Linear(in_features, CONFIG['num_classes'])

    def forward(self, images):
        features = self.model(images)
        return self.fc(self.dropout(features))


def criterion(outputs, labels):
    return nn.CrossEntropyLoss()(outputs, labels)


def train_one_epoch(model, optimizer, scheduler, dataloader, device, epoch):
    model.train()
    dataset_size = 0
    running_loss = 0.0
    scaler = amp.GradScaler()
    bar = tqdm(enumerate(dataloader), total=len(dataloader))
    for step, data in bar:
        images = data['image'].to(device, dtype=torch.float)
        labels = data['label'].to(device, dtype=torch.long)
        batch_size = images.size(0)
        with amp.autocast():
            outputs = model(images)
            loss = criterion(outputs, labels)
            loss = loss / CONFIG['n_accumulate']
        scaler.scale(loss).backward()
        if (step + 1) % CONFIG['n_accumulate'] == 0:
            scaler.step(optimizer)
            scaler.update()
            optimizer.zero_grad()
            if scheduler is not None:
                scheduler.step()
        running_loss += (loss.item() * batch_size)
        dataset_size += batch_size
        bar.set_postfix(Epoch=epoch, Train_Loss=running_loss / dataset_size)
    gc.collect()


@torch.no_grad()
def valid_one_epoch(model, dataloader, device, epoch):
    model.eval()
    dataset_size, running_loss = 0, 0.0
    bar = tqdm(enumerate(dataloader), total=len(dataloader))
    for step, data in bar:
        images = data['image'].to(device, dtype=torch.float)
        labels = data['label'].to(device, dtype=torch.long)
        outputs = model(images)
        loss = criterion(outputs, labels)
        running_loss += (loss.item() * images.size(0))
        dataset_size += images.size(0)
    return running_loss / dataset_size


def run_training(model, optimizer, scheduler, train_loader, valid_loader, device, num_epochs):
    best_epoch_loss = np.inf
    for epoch in range(1, num_epochs + 1):
        train_one_epoch(model, optimizer, scheduler, dataloader=train_loader, device=device, epoch=epoch)
        val_epoch_loss = valid_one_epoch(model, valid_loader, device=device, epoch=epoch)
        if val_epoch_loss <= best_epoch_loss:
            best_epoch_loss = val_epoch_loss
            torch.save(model.state_dict(), f"Loss{best_epoch_loss:.4f}_epoch{epoch:.0f}.bin")


set_seed(CONFIG['seed'])
df = pd.read_csv("train.csv")
fold = 0
train_loader = DataLoader(WhaleDataset(df[df.kfold != fold].reset_index(drop=True), transforms=data_transforms["train"]),
                          batch_size=CONFIG['train_batch_size'], num_workers=2, shuffle=True, pin_memory=True, drop_last=True)
valid_loader = DataLoader(WhaleDataset(df[df.kfold == fold].reset_index(drop=True), transforms=data_transforms["valid"]),
                          batch_size=CONFIG['valid_batch_size'], num_workers=2, shuffle=False)
model = WhaleModel(CONFIG['model_name'])
model.to(CONFIG['device'])
optimizer = torch.optim.Adam(model.parameters(), lr=CONFIG['learning_rate'], weight_decay=CONFIG['weight_decay'])
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=len(train_loader) * CONFIG['epochs'], eta_min=1e-6)
run_training(model, optimizer, scheduler, train_loader, valid_loader, CONFIG['device'], CONFIG['epochs'])
