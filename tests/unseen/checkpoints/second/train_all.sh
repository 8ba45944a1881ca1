#!/bin/sh
# trains everything, two queues
cd "$(dirname "$0")"; export OMP_NUM_THREADS=1; P="nice -n 15 /work/main/.venv/bin/python"
(for n in gemnet resnet18 regnet; do $P train.py $n > nets/$n.log 2>&1; done) &
(for n in garment mobilenet mnv2_box effnet; do $P train.py $n > nets/$n.log 2>&1; done; $P train_keras.py > nets/keras.log 2>&1) &
wait
