F=/tmp/sixth/frameworks; D=/tmp/sixth/data_frameworks; export OMP_NUM_THREADS=1 KERAS_HOME=$F/.check/kh HF_HUB_OFFLINE=1
cd $D; SEC=25 timeout 60 nice -n 15 /work/main/.venv/bin/python $F/.check/tprobe.py $F/a_resume/train.py > $F/.check/a_resume2.log 2>&1
cd $D/batches; EP=2 timeout 75 nice -n 15 /work/main/.venv/bin/python $F/.check/kprobe.py $F/k_mixup/main.py > $F/.check/k_mixup2.log 2>&1
