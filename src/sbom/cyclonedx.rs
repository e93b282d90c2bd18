//! CycloneDX 1.5 in JSON: <https://cyclonedx.org/docs/1.5/json/>. Only the fields that a list of packages needs.

use std::io::{self, Write};

use serde::Serialize;

use super::bill::{Bill, Component};
use super::{purl, serial};
use crate::output::timestamp;
use crate::owners::Ecosystem;
use crate::text;

/// What the image is called within the document.
const IMAGE: &str = "image";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    bom_format: &'static str,
    spec_version: &'static str,
    version: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    serial_number: Option<String>,
    metadata: Metadata,
    components: Vec<Part>,
    dependencies: [Dependency; 1],
}

#[derive(Serialize)]
struct Metadata {
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<String>,
    tools: Tools,
    component: Part,
}

#[derive(Serialize)]
struct Tools {
    components: [Part; 1],
}

#[derive(Serialize)]
struct Part {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(rename = "bom-ref", skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cpe: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    purl: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    properties: Vec<Property>,
}

#[derive(Serialize)]
struct Property {
    name: &'static str,
    value: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Dependency {
    #[serde(rename = "ref")]
    reference: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    depends_on: Vec<String>,
}

/// Writes `bill` as one JSON document.
///
/// # Errors
/// If `out` cannot be written to.
pub fn write_cyclonedx(bill: &Bill, out: &mut impl Write) -> io::Result<()> {
    let mut document = document(bill);
    let uuid = serial::uuid(&serde_json::to_vec_pretty(&document)?);
    document.serial_number = Some(format!("urn:uuid:{uuid}"));
    text::to_json_pretty(out, &document)?;
    writeln!(out)
}

fn document(bill: &Bill) -> Document {
    let mut components: Vec<Part> = bill.components.iter().enumerate().map(|(at, part)| package(at, part)).collect();
    components.extend(bill.os.as_ref().map(|os| Part {
        description: some_text(&os.name),
        ..part("operating-system", Some("os".to_owned()), &os.id, &os.version)
    }));
    let depends_on = components.iter().filter_map(|part| part.reference.clone()).collect();
    Document {
        bom_format: "CycloneDX",
        spec_version: "1.5",
        version: 1,
        serial_number: None,
        metadata: metadata(bill),
        components,
        dependencies: [Dependency { reference: IMAGE, depends_on }],
    }
}

fn metadata(bill: &Bill) -> Metadata {
    let subject = &bill.subject;
    let (name, tag) = subject.name();
    let mut image = part("container", Some(IMAGE.to_owned()), name, tag.unwrap_or(&subject.config_digest));
    image.purl = purl::of_image(subject);
    image.properties =
        vec![property("bantam:image-id", &subject.config_digest), property("bantam:platform", &subject.platform)];
    image.properties.extend(subject.tags.iter().map(|tag| property("bantam:tag", tag)));
    Metadata {
        timestamp: subject.created.map(timestamp::format),
        tools: Tools { components: [part("application", None, "bantam", env!("CARGO_PKG_VERSION"))] },
        component: image,
    }
}

fn package(at: usize, component: &Component) -> Part {
    let kind = if component.ecosystem == Ecosystem::CPython { "application" } else { "library" };
    let mut part = part(kind, Some(format!("package-{}", at + 1)), &component.name, &component.version);
    part.purl.clone_from(&component.purl);
    part.cpe.clone_from(&component.cpe);
    part.properties = vec![property("bantam:ecosystem", component.ecosystem.as_str())];
    part.properties.extend(component.architecture.iter().map(|name| property("bantam:architecture", name)));
    part.properties.extend(component.locations.iter().map(|path| property("bantam:location", &path.to_string())));
    part
}

fn part(kind: &'static str, reference: Option<String>, name: &str, version: &str) -> Part {
    Part {
        kind,
        reference,
        name: normalized(name),
        version: some_text(version),
        description: None,
        cpe: None,
        purl: None,
        properties: Vec::new(),
    }
}

fn property(name: &'static str, value: &str) -> Property {
    Property { name, value: normalized(value) }
}

fn some_text(value: &str) -> Option<String> {
    (!value.is_empty()).then(|| normalized(value))
}

/// These fields are normalized strings of XML: no tabs, no ends of lines.
fn normalized(text: &str) -> String {
    text.replace("\r\n", " ").replace(['\r', '\n', '\t'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sbom::{OsRelease, Subject};

    /// What readers of earlier versions were given, to the byte.
    #[test]
    fn a_document_has_all_its_fields_in_this_order() {
        let component = |ecosystem, name: &str, version: &str| Component {
            ecosystem,
            name: name.into(),
            version: version.into(),
            architecture: None,
            purl: None,
            cpe: None,
            locations: Vec::new(),
        };
        let bill = Bill {
            subject: Subject {
                tags: vec!["host:5000/team/App:1".into(), "x:2".into()],
                platform: "linux/amd64".into(),
                config_digest: "sha256:ab".into(),
                manifest_digest: Some("sha256:cd".into()),
                created: Some(1_600_000_000),
            },
            os: Some(OsRelease { id: "debian".into(), version: "12".into(), name: "Debian \"12\"\ttab".into() }),
            components: vec![
                Component {
                    architecture: Some("amd64".into()),
                    purl: Some("pkg:deb/debian/used@2".into()),
                    locations: vec!["/var/lib/dpkg/status".into(), "/b".into()],
                    ..component(Ecosystem::Dpkg, "used", "2")
                },
                Component {
                    cpe: Some("cpe:2.3:a:python:python:3.11.7:*:*:*:*:*:*:*".into()),
                    ..component(Ecosystem::CPython, "cpython", "3.11.7")
                },
                component(Ecosystem::Python, "odd \"<name>\" \u{e9}\t/x\r\ny\r", ""),
            ],
        };
        let text = |bill: &Bill| {
            let mut out = Vec::new();
            write_cyclonedx(bill, &mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        let whole = text(&bill);
        // The number follows the content, the program's version among it.
        let numbered = whole.lines().filter(|line| !line.contains("\"serialNumber\": \"urn:uuid:"));
        let own = format!("\"version\": \"{}\"", env!("CARGO_PKG_VERSION"));
        insta::assert_snapshot!(numbered.collect::<Vec<_>>().join("\n").replace(&own, "\"version\": \"(bantam's)\""));
        assert_eq!(whole, text(&bill));
        let bare = text(&Bill::default());
        assert!(!bare.contains("timestamp") && bare.contains("\"components\": []"), "{bare}");
    }
}
