# 딥러닝 수업 3주차 과제: 쿠즈시지 글자 분류
import torch
import torch.nn as nn
from torchvision.datasets import KMNIST
from torchvision.transforms import ToTensor, Normalize, Compose

torch.manual_seed(0)
장치 = 'cuda' if torch.cuda.is_available() else 'cpu'

# 데이터 (평균/표준편차는 훈련 데이터에서 계산함)
변환 = Compose([ToTensor(), Normalize((0.1918,), (0.3483,))])
전체 = KMNIST('./data', train=True, download=True, transform=변환)
시험 = KMNIST('./data', train=False, download=True, transform=변환)
훈련, 검증 = torch.utils.data.random_split(전체, [54000, 6000])

훈련_로더 = torch.utils.data.DataLoader(훈련, batch_size=100, shuffle=True)
검증_로더 = torch.utils.data.DataLoader(검증, batch_size=1000)
시험_로더 = torch.utils.data.DataLoader(시험, batch_size=1000)

# 모델
class Kuzu(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(1, 32, 3)
        self.b = nn.Conv2d(32, 32, 3)
        self.c = nn.Conv2d(32, 64, 3)
        self.d = nn.Conv2d(64, 64, 3)
        self.e = nn.Linear(64 * 4 * 4, 200)
        self.f = nn.Linear(200, 10)
        self.drop = nn.Dropout(0.4)

    def forward(self, x):
        x = torch.relu(self.a(x))            # 26
        x = torch.relu(self.b(x))            # 24
        x = torch.max_pool2d(x, 2)           # 12
        x = torch.relu(self.c(x))            # 10
        x = torch.relu(self.d(x))            # 8
        x = torch.max_pool2d(x, 2)           # 4
        x = torch.relu(self.e(x.flatten(1)))
        x = self.f(self.drop(x))
        return torch.log_softmax(x, dim=1)

모델 = Kuzu().to(장치)
평균손실 = nn.NLLLoss()
합손실 = nn.NLLLoss(reduction='sum')
최적화 = torch.optim.RMSprop(모델.parameters(), lr=0.0005)
스케줄 = torch.optim.lr_scheduler.ExponentialLR(최적화, gamma=0.85)

def 평가(로더):
    모델.eval()
    손실, 맞음 = 0, 0
    with torch.no_grad():
        for x, y in 로더:
            x, y = x.to(장치), y.to(장치)
            출력 = 모델(x)
            손실 += 합손실(출력, y).item()
            맞음 += 출력.max(1)[1].eq(y).sum().item()
    개수 = len(로더.dataset)
    return 손실 / 개수, 맞음 / 개수

for 에폭 in range(16):
    모델.train()
    누적 = 0
    for x, y in 훈련_로더:
        x, y = x.to(장치), y.to(장치)
        최적화.zero_grad()
        손실 = 평균손실(모델(x), y)
        손실.backward()
        최적화.step()
        누적 += 손실.item()
    스케줄.step()
    # 54000 / 100 = 540 배치, 크기가 모두 같음
    print(에폭, '훈련', 누적 / len(훈련_로더), '검증', *평가(검증_로더))

print('시험', *평가(시험_로더))
