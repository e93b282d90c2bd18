//! Where the bytes are, as it stands in the page before its script draws the map, and where scripts are not allowed: the
//! folders that say most, the largest first.

use bstr::BStr;
use maud::{Markup, html};

use super::super::breakdown::Part;
use super::super::paths::printable;
use super::super::size::human;

/// A table with a gauge a folder: its length is the size before, the left of it stays.
pub fn folders(parts: &[Part]) -> Markup {
    let parts: Vec<(&Part, u64)> =
        parts.iter().map(|part| (part, before(part))).filter(|&(_, size)| size > 0).collect();
    let most = parts.iter().map(|&(_, size)| size).max().unwrap_or_default().max(1);
    let width = |bytes: u64| format!("{:.2}%", bytes.min(most) as f64 * 100.0 / most as f64);
    html! {
        div .scroll { table {
            thead { tr {
                th scope="col" { "Folder" }
                th .wide scope="col" { span .hidden { "What stays of it" } }
                th .num scope="col" { "Before" }
                th .num scope="col" { "Stays" }
            } }
            tbody {
                @for (part, size) in parts {
                    tr {
                        th scope="row" { (printable(BStr::new(&part.name))) }
                        td .wide.gauge {
                            svg .gauge aria-hidden="true" {
                                rect .goes height="100%" width=(width(size)) {}
                                rect .stays height="100%" width=(width(part.stays.bytes.min(size))) {}
                            }
                        }
                        td .num { (human(size)) }
                        td .num { (human(part.stays.bytes)) }
                    }
                }
            }
        } }
    }
}

/// Bytes in the original.
fn before(part: &Part) -> u64 {
    u64::try_from(i128::from(part.bytes) + i128::from(part.stays.bytes)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Sums;

    #[test]
    fn gauges_are_shares_of_the_largest_folder() {
        let part = |name: &str, bytes, stays| Part {
            name: name.into(),
            bytes,
            stays: Sums { files: 1, bytes: stays },
            ..Part::default()
        };
        let table = folders(&[part("/<a>", 3000, 1000), part("/b", -500, 1500), part("/none", 0, 0)]).into_string();
        assert!(table.contains("/&lt;a&gt;") && !table.contains("<a>") && !table.contains("/none"), "{table}");
        let widths: Vec<&str> = table.split("width=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert_eq!(widths, ["100.00%", "25.00%", "25.00%", "25.00%"], "a file that grew has no bytes that go");
    }
}
