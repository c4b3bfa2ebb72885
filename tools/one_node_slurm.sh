#!/usr/bin/env bash
# Start Slurm on this machine alone, so that its own jobs can be tried: controller, node and munge. Needs root and the
# packages slurm-wlm and munge of Debian; does nothing where a Slurm answers already.
set -euo pipefail

if sinfo > /dev/null 2>&1; then exit 0; fi
for program in slurmctld slurmd munged; do
    command -v "$program" > /dev/null || { echo "$program is missing: apt-get install slurm-wlm munge" >&2; exit 1; }
done

host=$(hostname -s)
mkdir -p /etc/slurm /var/spool/slurmctld /var/spool/slurmd /run/munge /var/log/munge /var/lib/munge
[ -f /etc/munge/munge.key ] || mungekey -c
chown -R munge: /etc/munge /run/munge /var/log/munge /var/lib/munge
pgrep -x munged > /dev/null || runuser -u munge -- munged
cat > /etc/slurm/slurm.conf << END
ClusterName=one
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
StateSaveLocation=/var/spool/slurmctld
SlurmdSpoolDir=/var/spool/slurmd
ReturnToService=2
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
END
slurmctld
slurmd
for _ in $(seq 30); do
    if [ "$(sinfo --noheader --format %T 2> /dev/null)" = idle ]; then exit 0; fi
    sleep 1
done
echo "Slurm was started and its node is not idle: $(sinfo --noheader --format '%T %E' 2>&1)" >&2
exit 1
