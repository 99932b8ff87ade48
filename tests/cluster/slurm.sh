#!/usr/bin/env bash
# Marks a dataset on a real Slurm: an array of 4, one task killed in the middle and requeued; merged, its bytes must be
# those of a single run.
#
#   tests/cluster/slurm.sh DATA MARKING_NETWORK WORK [OPTIONS OF mark...]
#
# Uses the Slurm that is running, if there is one (squeue works). Else, as root, brings up one of a single node in WORK, with the
# packages slurm-wlm and munge (apt-get install slurm-wlm munge), and takes it down again.
# Tasks should take half a minute or more, so that there is a middle to kill them in.
set -euo pipefail
data=$(realpath "$1") network=$2 work=$(realpath -m "$3")
shift 3
isotope=${ISOTOPE:-$(cd "$(dirname "$0")/../.." && pwd)/src/Isotope.Cli/bin/Release/net10.0/linux-x64/Isotope.Cli}
rm -rf "$work" && mkdir -p "$work/state" "$work/spool" "$work/log"

start_slurm() {
  export SLURM_CONF=$work/slurm.conf
  cat > "$SLURM_CONF" <<CONF
ClusterName=isotope
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
SlurmctldPort=16817
SlurmdPort=16818
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
SlurmctldLogFile=$work/log/slurmctld.log
SlurmdLogFile=$work/log/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
MpiDefault=none
ReturnToService=2
SchedulerParameters=sched_interval=5,batch_sched_delay=1
NodeName=$(hostname -s) NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
  mkdir -p /run/munge && chown munge /run/munge
  pgrep munged > /dev/null || runuser -u munge -- /usr/sbin/munged
  trap 'pkill -F "$work/slurmctld.pid" || true; pkill -F "$work/slurmd.pid" || true' EXIT
  slurmctld -f "$SLURM_CONF"
  slurmd -f "$SLURM_CONF"
  for _ in $(seq 30); do [ "$(sinfo -h -o %t 2> /dev/null)" = idle ] && return; sleep 1; done
  echo "slurm: expected an idle node within 30 s, found: $(sinfo -h 2>&1)" >&2
  exit 1
}
squeue > /dev/null 2>&1 || start_slurm

"$isotope" key new --classes "$(ls "$data" | wc -l)" --dim 64 --seed 5 --out "$work/owner.key" > /dev/null
options=(--data "$data" --key "$work/owner.key" --network "$network" --batch 16 --threads 1 "$@")
cat > "$work/mark.sbatch" <<SBATCH
#!/bin/bash
#SBATCH --array=0-3 --cpus-per-task=1 --requeue --open-mode=append --output=$work/log/task-%a.log
exec "$isotope" mark ${options[*]@Q} --out "$work/split" --shard auto
SBATCH
job=$(sbatch --parsable "$work/mark.sbatch")
echo "array job $job"

journal=$work/split.shard-2-of-4.journal.jsonl
until [ "$(cat "$journal" 2> /dev/null | wc -l)" -gt 17 ]; do sleep 0.2; done
scontrol requeue "${job}_1"
killed=$(wc -l < "$journal")
echo "task 1 killed with $((killed - 1)) images done, and requeued"
scontrol update JobId="${job}_1" StartTime=now 2> /dev/null || true
while [ -n "$(squeue -h -j "$job" -r)" ]; do
  scontrol release "${job}_1" 2> /dev/null || true
  scontrol update JobId="${job}_1" StartTime=now 2> /dev/null || true
  sleep 1
done
"$isotope" merge --data "$data" --out "$work/split"
"$isotope" mark "${options[@]}" --out "$work/whole" > /dev/null 2> "$work/log/whole.log"
diff -r "$work/split" "$work/whole"
cmp "$work/split.manifest.json" "$work/whole.manifest.json"
echo "merged bytes equal those of a single run: $(find "$work/whole" -type f | wc -l) files"
