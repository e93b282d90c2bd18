#!/bin/sh
# sbatch --array=0-49 slurm-array.sh images.txt
# Each task takes its part of the list (SLURM_ARRAY_TASK_ID of SLURM_ARRAY_TASK_COUNT). A task that is requeued skips what it had done.
#SBATCH --job-name=bantam
#SBATCH --cpus-per-task=1
#SBATCH --mem=512M
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=bantam-%A_%a.log
set -eu
exec bantam slim --from "$1" -o '{repo}:{tag}-slim' --threads 1 >> "bantam-${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}.json"
