//! The formats that a bill can be written in.

use std::io::{self, Write};
use std::str::FromStr;

use super::bill::Bill;
use super::cyclonedx::write_cyclonedx;
use super::spdx::write_spdx;
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

impl FromStr for Format {
    type Err = Error;

    /// `cyclonedx` or `spdx`.
    fn from_str(name: &str) -> Result<Self, Error> {
        match name {
            "cyclonedx" => Ok(Self::CycloneDx),
            "spdx" => Ok(Self::Spdx),
            _ => Err(Error::Usage(format!("{name:?} is no format of bills of materials: cyclonedx or spdx"))),
        }
    }
}
