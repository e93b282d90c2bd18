//! SPDX 2.3 in JSON: <https://spdx.github.io/spdx-spec/v2.3/>. Only the fields that a list of packages needs.

use std::io::{self, Write};

use serde::Serialize;

use super::bill::{Bill, Component};
use super::{purl, serial};
use crate::output::timestamp;
use crate::owners::Ecosystem;
use crate::text;

/// What the specification says where something is not known.
const UNKNOWN: &str = "NOASSERTION";

const DOCUMENT: &str = "SPDXRef-DOCUMENT";
const IMAGE: &str = "SPDXRef-Image";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    spdx_version: &'static str,
    data_license: &'static str,
    #[serde(rename = "SPDXID")]
    id: &'static str,
    name: String,
    document_namespace: String,
    creation_info: CreationInfo,
    packages: Vec<Package>,
    relationships: Vec<Relationship>,
}

#[derive(Serialize)]
struct CreationInfo {
    created: String,
    creators: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Package {
    name: String,
    #[serde(rename = "SPDXID")]
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    version_info: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_info: Option<String>,
    download_location: &'static str,
    files_analyzed: bool,
    license_concluded: &'static str,
    license_declared: &'static str,
    copyright_text: &'static str,
    primary_package_purpose: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    external_refs: Vec<ExternalRef>,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ExternalRef {
    reference_category: &'static str,
    reference_type: &'static str,
    reference_locator: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Relationship {
    spdx_element_id: &'static str,
    relationship_type: &'static str,
    related_spdx_element: String,
}

/// Writes `bill` as one JSON document.
///
/// # Errors
/// If `out` cannot be written to.
pub fn write_spdx(bill: &Bill, out: &mut impl Write) -> io::Result<()> {
    let mut document = document(bill);
    let uuid = serial::uuid(&serde_json::to_vec(&document)?);
    document.document_namespace = format!("https://spdx.org/spdxdocs/bantam-{uuid}");
    text::to_json_pretty(out, &document)?;
    writeln!(out)
}

fn document(bill: &Bill) -> Document {
    let subject = &bill.subject;
    let (name, tag) = subject.name();
    let mut image = package(one_line(name), IMAGE.to_owned(), "CONTAINER");
    image.version_info = Some(one_line(tag.unwrap_or(&subject.config_digest)));
    image.source_info =
        Some(format!("image ID {}, platform {}", one_line(&subject.config_digest), one_line(&subject.platform)));
    image.external_refs = purl::of_image(subject).map(package_url).into_iter().collect();
    let mut packages = vec![image];
    packages.extend(bill.os.iter().map(|os| {
        let mut part = package(one_line(&os.id), "SPDXRef-OperatingSystem".to_owned(), "OPERATING_SYSTEM");
        part.version_info = some_text(&os.version);
        part.summary = some_text(&os.name);
        part
    }));
    packages.extend(bill.components.iter().enumerate().map(|(at, component)| of_component(at, component)));
    let related = |from, kind, to: &str| Relationship {
        spdx_element_id: from,
        relationship_type: kind,
        related_spdx_element: to.to_owned(),
    };
    let mut relationships = vec![related(DOCUMENT, "DESCRIBES", IMAGE)];
    relationships.extend(packages.iter().skip(1).map(|part| related(IMAGE, "CONTAINS", &part.id)));
    Document {
        spdx_version: "SPDX-2.3",
        data_license: "CC0-1.0",
        id: DOCUMENT,
        name: one_line(name),
        document_namespace: String::new(),
        creation_info: CreationInfo {
            // The field has to be there; an image without a date has the first one.
            created: timestamp::format(subject.created.unwrap_or(0)),
            creators: vec![concat!("Tool: bantam-", env!("CARGO_PKG_VERSION")).to_owned()],
        },
        packages,
        relationships,
    }
}

fn package(name: String, id: String, purpose: &'static str) -> Package {
    Package {
        name,
        id,
        version_info: None,
        source_info: None,
        download_location: UNKNOWN,
        files_analyzed: false,
        license_concluded: UNKNOWN,
        license_declared: UNKNOWN,
        copyright_text: UNKNOWN,
        primary_package_purpose: purpose,
        external_refs: Vec::new(),
        summary: None,
    }
}

fn of_component(at: usize, component: &Component) -> Package {
    let purpose = if component.ecosystem == Ecosystem::CPython { "APPLICATION" } else { "LIBRARY" };
    let mut part = package(one_line(&component.name), format!("SPDXRef-Package-{}", at + 1), purpose);
    part.version_info = some_text(&component.version);
    let places: Vec<String> = component.locations.iter().map(|path| one_line(&path.to_string())).collect();
    let records = if places.is_empty() { String::new() } else { format!(": {}", places.join(", ")) };
    part.source_info = Some(format!("{} package{records}", component.ecosystem.as_str()));
    part.external_refs.extend(component.purl.clone().map(package_url));
    part.external_refs.extend(component.cpe.clone().map(|cpe| ExternalRef {
        reference_category: "SECURITY",
        reference_type: "cpe23Type",
        reference_locator: cpe,
    }));
    part
}

fn package_url(purl: String) -> ExternalRef {
    ExternalRef { reference_category: "PACKAGE-MANAGER", reference_type: "purl", reference_locator: purl }
}

fn some_text(value: &str) -> Option<String> {
    (!value.is_empty()).then(|| one_line(value))
}

/// These fields are single lines.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
