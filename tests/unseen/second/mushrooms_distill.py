# Sound.
# A small student learns from a big fine-tuned teacher (and from the labels).
import argparse

import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader
from torchvision import datasets, models
from torchvision import transforms as tr

parser = argparse.ArgumentParser()
parser.add_argument("root")
parser.add_argument("--teacher-file", default="regnet_mushrooms.pt")
parser.add_argument("--classes", type=int, default=9)
parser.add_argument("--temperature", type=float, default=4.0)
parser.add_argument("--alpha", type=float, default=0.7, help="share of the teacher's term")
parser.add_argument("-b", "--batch-size", type=int, default=96)
parser.add_argument("-e", "--epochs", type=int, default=35)
parser.add_argument("--lr", type=float, default=8e-4)


def load_teacher(path, n):
    t = models.regnet_y_3_2gf()          # architecture only; the weights come from the file
    t.fc = nn.Linear(t.fc.in_features, n)
    t.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    for q in t.parameters():
        q.requires_grad = False
    return t.eval()


def new_student(n):
    s = models.shufflenet_v2_x1_0(weights="IMAGENET1K_V1")
    s.fc = nn.Linear(s.fc.in_features, n)
    return s


def kd_term(student_logits, teacher_logits, temp):
    soft = F.softmax(teacher_logits / temp, dim=1)
    log_q = F.log_softmax(student_logits / temp, dim=1)
    return F.kl_div(log_q, soft, reduction="batchmean") * temp ** 2


def split_decay(net, wd):
    plain, decayed = [], []
    for p in net.parameters():
        (plain if p.ndim == 1 else decayed).append(p)
    return [{"params": decayed, "weight_decay": wd}, {"params": plain, "weight_decay": 0.0}]


def main(a):
    torch.manual_seed(17)
    dev = "cuda"
    finish = [tr.ToTensor(), tr.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))]
    train_set = datasets.ImageFolder(
        f"{a.root}/train",
        tr.Compose([tr.RandomResizedCrop(224), tr.RandomHorizontalFlip(), tr.TrivialAugmentWide(), *finish]),
    )
    val_set = datasets.ImageFolder(f"{a.root}/val", tr.Compose([tr.Resize(256), tr.CenterCrop(224), *finish]))
    train_loader = DataLoader(train_set, a.batch_size, shuffle=True, num_workers=8, drop_last=True)
    val_loader = DataLoader(val_set, 256, num_workers=8)

    teacher = load_teacher(a.teacher_file, a.classes).to(dev)
    student = new_student(a.classes).to(dev)

    optimizer = torch.optim.AdamW(split_decay(student, 0.03), lr=a.lr)
    total = a.epochs * len(train_loader)
    warm = 500

    def factor(step):
        if step < warm:
            return (step + 1) / warm
        return max(0.0, 1.0 - (step - warm) / (total - warm))

    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, factor)

    for epoch in range(a.epochs):
        student.train()                  # the teacher stays in eval mode throughout
        for images, target in train_loader:
            images, target = images.to(dev), target.to(dev)
            with torch.no_grad():
                taught = teacher(images)
            out = student(images)
            loss = a.alpha * kd_term(out, taught, a.temperature) + (1 - a.alpha) * F.cross_entropy(out, target)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            scheduler.step()

        student.eval()
        n_ok, agree = 0, 0
        with torch.no_grad():
            for images, target in val_loader:
                images = images.to(dev)
                guess = student(images).argmax(1)
                n_ok += (guess.cpu() == target).sum().item()
                agree += (guess == teacher(images).argmax(1)).sum().item()
        n = len(val_set)
        print(f"epoch {epoch}: val {n_ok / n:.4f}, agrees with teacher {agree / n:.4f}")
    torch.save(student.state_dict(), "student.pt")


if __name__ == "__main__":
    main(parser.parse_args())
