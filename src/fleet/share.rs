//! Which part of a list one of several processes takes: as it is told, or as engines that run many of them say in the environment.

use crate::{Error, Result};

/// One of several equal parts, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Which part.
    pub index: u64,
    /// Of how many.
    pub of: u64,
}

/// An engine's variables: the number of the process, that of the first (else 0), and how many there are, where it says so.
struct Engine {
    index: &'static str,
    first: Option<&'static str>,
    of: Option<&'static str>,
}

/// Kubernetes' Indexed Jobs ("Jobs", "Completion mode"), Slurm's job arrays (sbatch(1), "JOB ARRAY"), AWS Batch's array jobs
/// ("Array jobs" in its user guide).
const ENGINES: [Engine; 3] = [
    Engine { index: "JOB_COMPLETION_INDEX", first: None, of: None },
    Engine { index: "SLURM_ARRAY_TASK_ID", first: Some("SLURM_ARRAY_TASK_MIN"), of: Some("SLURM_ARRAY_TASK_COUNT") },
    Engine { index: "AWS_BATCH_JOB_ARRAY_INDEX", first: None, of: Some("AWS_BATCH_JOB_ARRAY_SIZE") },
];

impl Share {
    /// What is said; what is not said comes from `variable`, the environment. Where nothing says anything, it is all.
    ///
    /// If `of` is said, an engine's number is taken as it is, counted from 0: so that some of the parts can be run again.
    ///
    /// # Errors
    /// If only one of the two is known, or there is no such part.
    pub fn find(index: Option<u64>, of: Option<u64>, variable: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let number = |name: &str| -> Result<Option<u64>> {
            let Some(text) = variable(name) else { return Ok(None) };
            let number = text.parse().map_err(|_| Error::Usage(format!("{name}={text:?} is no number")))?;
            Ok(Some(number))
        };
        let mut found = (index, of);
        if index.is_none() {
            for engine in &ENGINES {
                let Some(mut raw) = number(engine.index)? else { continue };
                if of.is_none() {
                    let first = engine.first.map(number).transpose()?.flatten().unwrap_or_default();
                    raw = raw.saturating_sub(first);
                    found.1 = engine.of.map(number).transpose()?.flatten();
                }
                found.0 = Some(raw);
                break;
            }
        }
        match found {
            (None, None) => Ok(Self { index: 0, of: 1 }),
            (Some(index), Some(of)) if index < of => Ok(Self { index, of }),
            (Some(index), Some(of)) => Err(Error::Usage(format!(
                "there is no part {index} of {of}: parts are counted from 0; name it with --index I --of N"
            ))),
            (Some(index), None) => {
                Err(Error::Usage(format!("this is part {index}, but of how many is not known: say it with --of N")))
            }
            (None, Some(of)) => {
                Err(Error::Usage(format!("which of the {of} parts is meant is not known: say it with --index I")))
            }
        }
    }

    /// Whether the entry with this number, counted from 0, is in the part. Neighbours go to different parts: images of a kind often
    /// stand together.
    pub fn has(self, number: u64) -> bool {
        number % self.of == self.index
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(index: Option<u64>, of: Option<u64>, environment: &[(&str, &str)]) -> Result<(u64, u64)> {
        let variable = |name: &str| environment.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).into());
        Share::find(index, of, variable).map(|share| (share.index, share.of))
    }

    #[test]
    fn engines_say_which_part() {
        let slurm = [("SLURM_ARRAY_TASK_ID", "12"), ("SLURM_ARRAY_TASK_MIN", "10"), ("SLURM_ARRAY_TASK_COUNT", "4")];
        assert_eq!(find(None, None, &[]).unwrap(), (0, 1));
        assert_eq!(find(Some(2), Some(3), &slurm).unwrap(), (2, 3));
        assert_eq!(find(None, None, &slurm).unwrap(), (2, 4));
        assert_eq!(find(None, Some(20), &slurm).unwrap(), (12, 20));
        assert_eq!(find(None, Some(5), &[("JOB_COMPLETION_INDEX", "4")]).unwrap(), (4, 5));
        let batch = [("AWS_BATCH_JOB_ARRAY_INDEX", "1"), ("AWS_BATCH_JOB_ARRAY_SIZE", "2")];
        assert_eq!(find(None, None, &batch).unwrap(), (1, 2));
    }

    #[test]
    fn half_of_it_is_not_guessed() {
        // Of `--array=3,7` neither is the first or second of two.
        let sparse = [("SLURM_ARRAY_TASK_ID", "7"), ("SLURM_ARRAY_TASK_MIN", "3"), ("SLURM_ARRAY_TASK_COUNT", "2")];
        assert!(find(None, None, &sparse).is_err());
        for (index, of, environment) in [
            (Some(0), None, &[][..]),
            (None, Some(2), &[][..]),
            (Some(2), Some(2), &[][..]),
            (Some(0), Some(0), &[][..]),
            (None, None, &[("JOB_COMPLETION_INDEX", "0")][..]),
            (None, Some(2), &[("JOB_COMPLETION_INDEX", "x")][..]),
        ] {
            assert!(matches!(find(index, of, environment), Err(Error::Usage(_))), "{index:?} {of:?} {environment:?}");
        }
    }

    #[test]
    fn every_entry_is_in_one_part() {
        for number in 0..100 {
            assert_eq!((0..7).filter(|&index| Share { index, of: 7 }.has(number)).count(), 1);
        }
    }
}
