//! Which bill to write where, as the command line says it.

use std::io::{self, Write};
use std::path::PathBuf;
use std::str::FromStr;

use super::{Bill, write_cyclonedx, write_spdx};
use crate::Error;

/// A format for bills of materials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// CycloneDX 1.5, JSON (ECMA-424).
    CycloneDx,
    /// SPDX 2.3, JSON (ISO/IEC 5962).
    Spdx,
}

impl Format {
    /// Writes `bill` in this format, the same bytes for the same bill.
    ///
    /// # Errors
    /// If `out` cannot be written to.
    pub fn write(self, bill: &Bill, out: &mut impl Write) -> io::Result<()> {
        match self {
            Self::CycloneDx => write_cyclonedx(bill, out),
            Self::Spdx => write_spdx(bill, out),
        }
    }
}

/// A bill that is asked for: `FORMAT=FILE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// How to write it.
    pub format: Format,
    /// Where to.
    pub path: PathBuf,
}

impl FromStr for Request {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = || Error::Usage(format!("{text:?} is not of the form cyclonedx=FILE or spdx=FILE"));
        let (format, path) = text.split_once('=').ok_or_else(wrong)?;
        let format = match format {
            "cyclonedx" => Format::CycloneDx,
            "spdx" => Format::Spdx,
            _ => return Err(wrong()),
        };
        if path.is_empty() || path == "-" {
            return Err(wrong());
        }
        Ok(Self { format, path: path.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_names_format_and_file() {
        let request: Request = "spdx=a=b.json".parse().unwrap();
        assert_eq!(request, Request { format: Format::Spdx, path: "a=b.json".into() });
        for bad in ["", "spdx", "spdx=", "SPDX=x", "cyclonedx=-", "swid=x"] {
            assert!(bad.parse::<Request>().is_err(), "{bad}");
        }
    }
}
