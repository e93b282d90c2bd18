//! CycloneDX 1.5 in JSON: <https://cyclonedx.org/docs/1.5/json/>.

use std::io::{self, Write};

use cyclonedx_bom::external_models::date_time::DateTime;
use cyclonedx_bom::external_models::normalized_string::NormalizedString;
use cyclonedx_bom::models::bom::{Bom, SpecVersion, UrnUuid};
use cyclonedx_bom::models::component::{Classification, Component as Part, Components, Cpe};
use cyclonedx_bom::models::dependency::{Dependencies, Dependency};
use cyclonedx_bom::models::metadata::Metadata;
use cyclonedx_bom::models::property::{Properties, Property};
use cyclonedx_bom::models::tool::Tools;

use super::bill::{Bill, Component};
use super::{purl, serial};
use crate::output::timestamp;
use crate::owners::Ecosystem;

/// What the image is called within the document.
const IMAGE: &str = "image";

/// Writes `bill` as one JSON document.
///
/// # Errors
/// If `out` cannot be written to.
pub fn write_cyclonedx(bill: &Bill, out: &mut impl Write) -> io::Result<()> {
    let mut bom = document(bill);
    let mut content = Vec::new();
    bom.clone().output_as_json_v1_5(&mut content).map_err(io::Error::other)?;
    bom.serial_number = UrnUuid::new(format!("urn:uuid:{}", serial::uuid(&content))).ok();
    bom.output_as_json_v1_5(out).map_err(io::Error::other)?;
    writeln!(out)
}

fn document(bill: &Bill) -> Bom {
    let mut components: Vec<Part> = bill.components.iter().enumerate().map(|(at, part)| package(at, part)).collect();
    components.extend(bill.os.as_ref().map(|os| {
        let mut part = Part::new(Classification::OperatingSystem, &os.id, &os.version, Some("os".into()));
        part.version = text(&os.version);
        part.description = text(&os.name);
        part
    }));
    let references = components.iter().filter_map(|part| part.bom_ref.clone()).collect();
    let dependencies = vec![Dependency { dependency_ref: IMAGE.into(), dependencies: references }];
    Bom {
        serial_number: None,
        metadata: Some(metadata(bill)),
        components: Some(Components(components)),
        dependencies: Some(Dependencies(dependencies)),
        spec_version: SpecVersion::V1_5,
        ..Bom::default()
    }
}

fn metadata(bill: &Bill) -> Metadata {
    let subject = &bill.subject;
    let tool = Part::new(Classification::Application, "bantam", env!("CARGO_PKG_VERSION"), None);
    let (name, tag) = subject.name();
    let mut image = Part::new(Classification::Container, name, "", Some(IMAGE.into()));
    image.version = text(tag.unwrap_or(&subject.config_digest));
    image.purl = purl::of_image(subject).and_then(|purl| purl.parse().ok());
    let mut properties = vec![Property::new("bantam:image-id", &subject.config_digest)];
    properties.push(Property::new("bantam:platform", &subject.platform));
    properties.extend(subject.tags.iter().map(|tag| Property::new("bantam:tag", tag)));
    image.properties = Some(Properties(properties));
    Metadata {
        timestamp: subject.created.and_then(|seconds| DateTime::try_from(timestamp::format(seconds)).ok()),
        tools: Some(Tools::Object { services: None, components: Some(Components(vec![tool])) }),
        component: Some(image),
        ..Metadata::default()
    }
}

fn package(at: usize, component: &Component) -> Part {
    let kind = match component.ecosystem {
        Ecosystem::CPython => Classification::Application,
        _ => Classification::Library,
    };
    let mut part = Part::new(kind, &component.name, "", Some(format!("package-{}", at + 1)));
    part.version = text(&component.version);
    part.purl = component.purl.as_deref().and_then(|purl| purl.parse().ok());
    part.cpe = component.cpe.as_deref().map(Cpe::new);
    let mut properties = vec![Property::new("bantam:ecosystem", component.ecosystem.as_str())];
    let architecture = component.architecture.iter().map(|name| Property::new("bantam:architecture", name));
    properties.extend(architecture);
    let places = component.locations.iter().map(|path| Property::new("bantam:location", &path.to_string()));
    properties.extend(places);
    part.properties = Some(Properties(properties));
    part
}

fn text(value: &str) -> Option<NormalizedString> {
    (!value.is_empty()).then(|| NormalizedString::new(value))
}
