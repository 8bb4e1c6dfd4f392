#!/bin/sh
# Tries array.sbatch and merge.sbatch on a real Slurm of this one machine, and compares the merged
# report with that of a single run, byte for byte:
#
#   apt-get install --no-install-recommends munge slurm-client slurmctld slurmd
#   tests/cluster/slurm/try.sh [PROGRAM [SCENARIO [SLICES]]]
#
# It has to be root. Everything it starts listens on the loopback address, reads a configuration of
# its own, and is gone when it ends; /etc and services that run already are left alone. It is no
# part of `cargo test`, which has no Slurm.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../../.." && pwd)
program=${1:-}
scenario=${2:-scenarios/quickstart.toml}
slices=${3:-16}
if [ -z "$program" ]; then
    (cd "$top" && cargo build --quiet)
    program=$top/target/debug/blackstart
fi
program=$(readlink -f "$program")
[ "$(id -u)" -eq 0 ] || { echo "Slurm's daemons have to be started by root" >&2; exit 1; }
for needed in munged slurmctld slurmd sbatch sinfo; do
    command -v "$needed" >/dev/null || { echo "$needed is not installed" >&2; exit 1; }
done

place=$(mktemp -d)
daemons=
clean() {
    status=$?
    trap - EXIT INT TERM
    scancel --user=root 2>/dev/null || true
    for daemon in $daemons; do kill "$daemon" 2>/dev/null || true; done
    for daemon in $daemons; do wait "$daemon" 2>/dev/null || true; done
    if [ "$status" -ne 0 ]; then
        tail -n 20 "$place"/log/* "$place"/run/*.log 2>/dev/null >&2 || true
    fi
    rm -rf "$place"
    exit "$status"
}
trap clean EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
# Daemons refuse folders that others may write to.
chmod 755 "$place"
mkdir "$place/state" "$place/spool" "$place/log" "$place/run"

head -c 1024 /dev/urandom >"$place/munge.key"
chmod 400 "$place/munge.key"
# The folder above belongs to everybody, which munged says only as a warning if it is forced.
munged --foreground --force --key-file="$place/munge.key" --socket="$place/munge.socket" \
    --pid-file="$place/munge.pid" --log-file="$place/log/munged" --seed-file="$place/munge.seed" \
    2>"$place/log/munged.err" &
daemons="$!"

cat >"$place/slurm.conf" <<CONF
ClusterName=try
SlurmctldHost=$(hostname)(127.0.0.1)
SlurmctldPort=26817
SlurmdPort=26818
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$place/munge.socket
CredType=cred/munge
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
ReturnToService=2
MaxArraySize=10001
StateSaveLocation=$place/state
SlurmdSpoolDir=$place/spool
SlurmctldPidFile=$place/slurmctld.pid
SlurmdPidFile=$place/slurmd.pid
NodeName=try NodeHostname=$(hostname) NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=try Nodes=try Default=YES MaxTime=INFINITE State=UP
CONF
export SLURM_CONF="$place/slurm.conf"

tries=0
until [ -S "$place/munge.socket" ] || [ "$tries" -ge 30 ]; do
    tries=$((tries + 1))
    sleep 1
done
slurmctld -D -c >"$place/log/slurmctld" 2>&1 &
daemons="$! $daemons"
slurmd -D -N try >"$place/log/slurmd" 2>&1 &
daemons="$! $daemons"
tries=0
until [ "$(sinfo --noheader --format=%T 2>/dev/null)" = idle ]; do
    tries=$((tries + 1))
    [ "$tries" -le 60 ] || { echo "Slurm does not come up" >&2; exit 1; }
    sleep 1
done
sinfo --version
sinfo

cp -r "$top/scenarios" "$place/run/scenarios"
cd "$place/run"
export BLACKSTART="$program"
echo "single run of $scenario"
"$program" run "$scenario" --out whole --quiet >whole.txt
echo "array of $slices slices"
array=$(sbatch --parsable --array="1-$slices" "$here/array.sbatch" "$scenario" parts --quiet)
sbatch --wait --dependency="afterok:$array" --output=merged.txt --error=merge.log \
    "$here/merge.sbatch" parts merged
echo "parts: $(ls parts | wc -l), $(du -k --apparent-size -c parts/* | tail -n 1 | cut -f 1) KiB together"
cat merge.log
diff -r whole merged
cmp whole.txt merged.txt
echo "the merged report and what was printed are those of the single run, byte for byte"
