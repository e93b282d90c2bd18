//! Package URLs: <https://github.com/package-url/purl-spec>, by the definitions of the types `deb`, `apk`, `rpm`, `alpm`, `opkg`, `pypi`, `conda`,
//! `generic` and `oci`, and `ebuild`, which is a candidate there and what scanners write.

use packageurl::PackageUrl;

use super::os_release::OsRelease;
use super::subject::{Subject, split_tag};
use crate::owners::{Ecosystem, Owner};

/// The package URL of a package. None if its name is none.
pub(super) fn of(owner: &Owner, os: Option<&OsRelease>) -> Option<String> {
    let (kind, name) = match owner.ecosystem {
        Ecosystem::Dpkg => ("deb", owner.name.clone()),
        Ecosystem::Apk => ("apk", owner.name.clone()),
        Ecosystem::Rpm => ("rpm", owner.name.clone()),
        Ecosystem::Pacman => ("alpm", owner.name.clone()),
        Ecosystem::Opkg => ("opkg", owner.name.clone()),
        Ecosystem::Portage => ("ebuild", owner.name.rsplit('/').next().unwrap_or_default().to_owned()),
        Ecosystem::Python => ("pypi", normalized(&owner.name)),
        Ecosystem::Conda => ("conda", owner.name.clone()),
        Ecosystem::CPython => ("generic", "python".to_owned()),
        // The type `nix` asks for the set of packages and the attribute in it, of which a store path says nothing.
        Ecosystem::Nix => ("generic", owner.name.clone()),
    };
    let mut purl = PackageUrl::new(kind, name).ok()?;
    let (epoch, version) = epoch(owner);
    if !version.is_empty() {
        purl.with_version(version).ok()?;
    }
    let architecture = owner.architecture.as_deref().filter(|architecture| !architecture.is_empty());
    match owner.ecosystem {
        Ecosystem::Dpkg | Ecosystem::Apk | Ecosystem::Rpm | Ecosystem::Pacman | Ecosystem::Opkg => {
            // The namespace says which distribution it is; rpm has no usual one.
            let usual = match owner.ecosystem {
                Ecosystem::Dpkg => Some("debian"),
                Ecosystem::Apk => Some("alpine"),
                Ecosystem::Pacman => Some("arch"),
                _ => None,
            };
            if let Some(id) = os.map(|os| os.id.as_str()).or(usual) {
                purl.with_namespace(id.to_owned()).ok()?;
            }
            qualify(&mut purl, "epoch", epoch)?;
            qualify(&mut purl, "arch", architecture)?;
            let distro =
                os.map(|os| if os.version.is_empty() { os.id.clone() } else { format!("{}-{}", os.id, os.version) });
            qualify(&mut purl, "distro", distro.as_deref())?;
            let upstream = owner.source.as_deref().map(|source| match owner.ecosystem {
                Ecosystem::Rpm => source_rpm(source),
                _ => upstream(source),
            });
            qualify(&mut purl, "upstream", upstream.as_deref())?;
        }
        Ecosystem::Portage => {
            if let Some((category, _)) = owner.name.rsplit_once('/') {
                purl.with_namespace(category.to_owned()).ok()?;
            }
        }
        Ecosystem::Conda => qualify(&mut purl, "subdir", architecture)?,
        Ecosystem::Python | Ecosystem::CPython | Ecosystem::Nix => {}
    }
    Some(purl.to_string())
}

/// The package URL of an image by its manifest's digest. None if that or a name is missing.
pub(super) fn of_image(subject: &Subject) -> Option<String> {
    let digest = subject.manifest_digest.as_deref()?;
    let (repository, tag) = split_tag(subject.tags.first()?);
    let name = repository.rsplit('/').next()?.to_lowercase();
    let mut purl = PackageUrl::new("oci", name).ok()?;
    purl.with_version(digest.to_owned()).ok()?;
    let (_, architecture) = subject.platform.split_once('/').unwrap_or_default();
    qualify(&mut purl, "arch", architecture.split('/').next().filter(|architecture| !architecture.is_empty()))?;
    if repository.contains('/') {
        qualify(&mut purl, "repository_url", Some(&repository.to_lowercase()))?;
    }
    qualify(&mut purl, "tag", tag)?;
    Some(purl.to_string())
}

fn qualify(purl: &mut PackageUrl<'_>, key: &str, value: Option<&str>) -> Option<()> {
    if let Some(value) = value {
        purl.add_qualifier(key.to_owned(), value.to_owned()).ok()?;
    }
    Some(())
}

/// The epoch of a version, where the type has a qualifier for it, and the rest.
fn epoch(owner: &Owner) -> (Option<&str>, &str) {
    match owner.version.split_once(':') {
        Some((epoch, version)) if owner.ecosystem == Ecosystem::Rpm => (Some(epoch), version),
        _ => (None, &owner.version),
    }
}

/// The file name of rpm's source package, of `NAME (VERSION-RELEASE)`.
fn source_rpm(source: &str) -> String {
    match source.split_once(" (") {
        Some((name, version)) => format!("{name}-{}.src.rpm", version.trim_end_matches(')')),
        None => source.to_owned(),
    }
}

/// dpkg's `NAME (VERSION)` as scanners write it: `NAME@VERSION`.
fn upstream(source: &str) -> String {
    match source.split_once('(') {
        Some((name, version)) => format!("{}@{}", name.trim(), version.trim_end_matches(')').trim()),
        None => source.trim().to_owned(),
    }
}

/// A distribution's name as indexes spell it (PEP 503): runs of `-`, `_` and `.` are one `-`.
fn normalized(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        let c = if matches!(c, '-' | '_' | '.') { '-' } else { c.to_ascii_lowercase() };
        if c != '-' || !out.ends_with('-') {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn purl(ecosystem: Ecosystem, name: &str, version: &str, architecture: &str, source: Option<&str>) -> String {
        let os = OsRelease { id: "debian".into(), version: "12".into(), name: String::new() };
        let owner = Owner {
            architecture: Some(architecture.into()),
            source: source.map(Into::into),
            ..Owner::new(ecosystem, name, version)
        };
        of(&owner, Some(&os)).unwrap_or_default()
    }

    #[test]
    fn every_kind_of_package_has_its_form() {
        assert_eq!(
            purl(Ecosystem::Dpkg, "libstdc++6", "1:12.2.0-14+deb12u1", "amd64", Some("gcc-12 (12.2)")),
            "pkg:deb/debian/libstdc%2B%2B6@1:12.2.0-14%2Bdeb12u1?arch=amd64&distro=debian-12&upstream=gcc-12%4012.2"
        );
        assert_eq!(
            purl(Ecosystem::Dpkg, "zlib1g", "1:1.2", "amd64", Some("zlib")),
            "pkg:deb/debian/zlib1g@1:1.2?arch=amd64&distro=debian-12&upstream=zlib"
        );
        assert_eq!(
            purl(Ecosystem::Rpm, "bind-libs", "32:9.16-1.el9", "x86_64", Some("bind (9.16-1.el9)")),
            "pkg:rpm/debian/bind-libs@9.16-1.el9?arch=x86_64&distro=debian-12&epoch=32&upstream=bind-9.16-1.el9.src.rpm"
        );
        let bare = Owner::new(Ecosystem::Rpm, "glibc", "2.34-1.el9");
        assert_eq!(of(&bare, None).unwrap(), "pkg:rpm/glibc@2.34-1.el9");
        assert_eq!(purl(Ecosystem::Python, "Flask_Admin..x", "2.0", "", None), "pkg:pypi/flask-admin-x@2.0");
        assert_eq!(purl(Ecosystem::Conda, "numpy", "1", "linux-64", None), "pkg:conda/numpy@1?subdir=linux-64");
        assert_eq!(purl(Ecosystem::CPython, "cpython", "3.11.7", "", None), "pkg:generic/python@3.11.7");
        assert_eq!(
            purl(Ecosystem::Portage, "dev-lang/python", "3.11.7-r1", "", None),
            "pkg:ebuild/dev-lang/python@3.11.7-r1"
        );
        assert_eq!(purl(Ecosystem::Nix, "hello", "2.12", "", None), "pkg:generic/hello@2.12");
        assert_eq!(purl(Ecosystem::Python, "", "1", "", None), "");
        let alpine = Owner { architecture: Some("x86_64".into()), ..Owner::new(Ecosystem::Apk, "musl", "1.2-r0") };
        assert_eq!(of(&alpine, None).unwrap(), "pkg:apk/alpine/musl@1.2-r0?arch=x86_64");
    }

    #[test]
    fn an_image_is_named_by_its_manifest() {
        let subject = Subject {
            tags: vec!["host:5000/team/App:1".into()],
            platform: "linux/arm/v7".into(),
            manifest_digest: Some("sha256:ab".into()),
            ..Subject::default()
        };
        assert_eq!(
            of_image(&subject).unwrap(),
            "pkg:oci/app@sha256:ab?arch=arm&repository_url=host:5000%2Fteam%2Fapp&tag=1"
        );
        assert_eq!(of_image(&Subject { tags: Vec::new(), ..subject }), None);
        assert_eq!(split_tag("host:5000/app"), ("host:5000/app", None));
    }
}
