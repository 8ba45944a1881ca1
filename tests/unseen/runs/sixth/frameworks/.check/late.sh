F=/tmp/sixth/frameworks; D=/tmp/sixth/data_frameworks; export OMP_NUM_THREADS=1 KERAS_HOME=$F/.check/kh HF_HUB_OFFLINE=1
cd $D/named; FITS=2 EP=1 timeout 80 nice -n 15 /work/main/.venv/bin/python $F/.check/kprobe.py $F/k_finetune/finetune.py > $F/.check/k_finetune.log 2>&1
cd $D; SEC=30 timeout 60 nice -n 15 /work/main/.venv/bin/python $F/.check/tprobe.py $F/l_twice/train.py > $F/.check/l_twice.log 2>&1
