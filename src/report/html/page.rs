//! The page's template.

use bstr::BStr;
use maud::{Markup, html};

use super::super::breakdown::Part;
use super::super::model::{AssumptionTotal, Report};
use super::super::paths::printable;
use super::super::size::{human, human_signed, percent};
use super::super::uncertain::{self, Group};
use super::assets::{SCRIPT, STYLE};
use super::document::document;
use super::folders::folders;
use super::packages::{Fate, Package};

/// How many uncertainties of a kind are listed.
const PLACES: usize = 100;

fn shown(text: &str) -> String {
    printable(BStr::new(text))
}

/// The whole page. `json` is what the script works on.
pub fn page(report: &Report, packages: &[Package], parts: &[Part], json: &str) -> Markup {
    let body = html! {
        a .skip href="#map" { "Skip to the map" }
        (top())
        main {
            (summary(report, packages))
            (map_section(parts))
            (categories(report))
            (package_section(packages))
            (files())
            (assumed(report))
            (open_ends(report))
        }
        footer {
            "Written by bantam " (env!("CARGO_PKG_VERSION")) ". Sizes are those of regular files in decimal units, as "
            code { "docker images" } " counts them; a file with several names counts once."
        }
        dialog #file aria-labelledby="file-name" {}
    };
    document(&shown(&report.image.reference), STYLE, SCRIPT, &body, json)
}

fn top() -> Markup {
    html! {
        header .top {
            span .brand { "bantam" }
            nav aria-label="Sections" {
                a href="#map" { "Map" }
                a href="#categories" { "Categories" }
                a href="#packages" { "Packages" }
                a href="#files" { "Files" }
                a href="#open" { "Uncertain" }
            }
            button #theme type="button" hidden aria-label="Switch between light and dark" { "◐" }
        }
    }
}

fn summary(report: &Report, packages: &[Package]) -> Markup {
    let image = &report.image;
    let (before, after) = (report.original.bytes, report.result.bytes);
    let share = (after as f64 * 100.0 / before.max(1) as f64).min(100.0);
    let gone = packages.iter().filter(|package| package.state == Fate::Gone).count();
    let figure = |value: String, name: &str| html! { div { dt { (name) } dd { (value) } } };
    html! {
        section #summary aria-labelledby="title" {
            p .over { "Image report" }
            h1 #title { (shown(&image.reference)) }
            p .meta {
                @for tag in &image.tags { code { (shown(tag)) } " " }
                (shown(&image.platform)) " · " (image.layers.len()) @if image.layers.len() == 1 { " layer" } @else { " layers" }
                " · " code title=(shown(&image.config_digest)) { (short(&image.config_digest)) }
            }
            @if let Some(why) = &report.pruning_off {
                p .warning role="note" { strong { "Pruning is off. " } (shown(why)) }
            }
            div .hero {
                p .sizes {
                    span .before { span .label { "before" } (human(before)) }
                    span .arrow aria-hidden="true" { "→" }
                    span .after { span .label { "after" } (human(after)) }
                }
                p .less { strong { (percent(report.removed_bytes(), before)) } " smaller" }
            }
            svg .bar role="img" aria-label={ (human(after)) " of " (human(before)) " stay" } {
                rect .goes width="100%" height="100%" {}
                rect .stays width=(format!("{share:.2}%")) height="100%" {}
            }
            (legend())
            dl .figures {
                (figure(human_signed(report.removed_bytes()), "bytes that go"))
                (figure(thousands(report.removed_files()), "files that go"))
                (figure(thousands(report.result.files), "files that stay"))
                (figure(format!("{} of {}", thousands(gone as u64), thousands(packages.len() as u64)), "packages gone"))
            }
        }
    }
}

fn legend() -> Markup {
    html! {
        ul .legend aria-label="Legend" {
            li { svg .swatch aria-hidden="true" { rect .stays width="100%" height="100%" {} } "stays" }
            li { svg .swatch aria-hidden="true" { rect .goes width="100%" height="100%" {} } "goes" }
        }
        // The hatching of everything that goes.
        svg .defs aria-hidden="true" width="0" height="0" {
            defs {
                pattern #hatch width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" {
                    rect .ground width="6" height="6" {}
                    rect .stripe width="2" height="6" {}
                }
            }
        }
    }
}

fn map_section(parts: &[Part]) -> Markup {
    html! {
        section #map aria-labelledby="map-title" {
            div .heading {
                h2 #map-title { "Where the bytes are" }
                div #map-by .switch role="group" aria-label="Arrange by" hidden {
                    button type="button" data-by="folder" aria-pressed="true" { "By folder" }
                    button type="button" data-by="package" aria-pressed="false" { "By package" }
                }
            }
            nav #crumbs aria-label="Where the map is" hidden {}
            div #tiles role="group" aria-labelledby="map-title" aria-describedby="map-help" hidden {}
            div #still { (folders(parts)) }
            p #map-info aria-live="polite" {}
            p #map-help .hint hidden {
                "Area is size before. Choose a tile to go down. Keys: arrows move, " kbd { "Enter" } " goes down, "
                kbd { "Esc" } " goes up."
            }
        }
    }
}

fn categories(report: &Report) -> Markup {
    let whole = report.original.bytes;
    let most = report.categories.iter().map(|category| category.bytes).max().unwrap_or_default().max(1);
    html! {
        section #categories aria-labelledby="categories-title" {
            h2 #categories-title { "Why things go" }
            div .scroll { table {
                thead { tr {
                    th scope="col" { "Category" }
                    th .wide scope="col" { span .hidden { "Share of what goes" } }
                    th .num scope="col" { "Files" }
                    th .num scope="col" { "Size" }
                    th .num.wide scope="col" { "Share" }
                } }
                tbody {
                    @for category in &report.categories {
                        tr data-bytes=(category.bytes) {
                            th scope="row" { span .category data-label=(shown(&category.name)) { (shown(&category.name)) } }
                            td .wide.gauge {
                                svg .gauge aria-hidden="true" {
                                    rect .goes height="100%"
                                        width=(format!("{:.2}%", (category.bytes as f64 * 100.0 / most as f64).max(0.0))) {}
                                }
                            }
                            td .num { (thousands(category.files)) }
                            td .num { (human_signed(category.bytes)) }
                            td .num.wide { (percent(category.bytes, whole)) }
                        }
                    }
                }
                tfoot { tr {
                    th scope="row" { "All that goes" }
                    td .wide {}
                    td .num { (thousands(report.removed_files())) }
                    td .num { (human_signed(report.removed_bytes())) }
                    td .num.wide { (percent(report.removed_bytes(), whole)) }
                } }
            } }
        }
    }
}

fn package_section(packages: &[Package]) -> Markup {
    let mut sorted: Vec<&Package> = packages.iter().collect();
    sorted.sort_by(|a, b| {
        (b.goes + b.stays).cmp(&(a.goes + a.stays)).then_with(|| (a.ecosystem, &a.name).cmp(&(b.ecosystem, &b.name)))
    });
    let count = |state| packages.iter().filter(|package| package.state == state).count();
    let (gone, smaller, whole) = (count(Fate::Gone), count(Fate::Smaller), count(Fate::Whole));
    let sort = |key: &str, name: &str| html! { button type="button" data-sort=(key) { (name) } };
    html! {
        section #packages aria-labelledby="packages-title" {
            h2 #packages-title { "Packages" }
            @if packages.is_empty() {
                p { "No package manager's records are in the image." }
            } @else {
                p .lead {
                    "Of " (thousands(packages.len() as u64)) " packages " strong { (thousands(gone as u64)) }
                    " are no longer listed, " strong { (thousands(smaller as u64)) } " stay with fewer files, "
                    strong { (thousands(whole as u64)) } " stay whole."
                }
                div .filters role="group" aria-label="Show packages" id="package-states" hidden {
                    button type="button" data-state="" aria-pressed="true" { "All" }
                    button type="button" data-state="gone" aria-pressed="false" { "Gone" }
                    button type="button" data-state="smaller" aria-pressed="false" { "Smaller" }
                    button type="button" data-state="whole" aria-pressed="false" { "Whole" }
                }
                div .scroll.tall tabindex="0" role="region" aria-labelledby="packages-title" {
                    table #package-table {
                        thead { tr {
                            th scope="col" { (sort("name", "Package")) }
                            th .wide scope="col" { (sort("from", "From")) }
                            th .num scope="col" { (sort("goes", "Goes")) }
                            th .num scope="col" { (sort("stays", "Stays")) }
                            th .wide scope="col" { (sort("state", "State")) }
                        } }
                        tbody { @for package in sorted { (package_row(package)) } }
                    }
                }
            }
        }
    }
}

fn package_row(package: &Package) -> Markup {
    let (state, text) = match package.state {
        Fate::Gone => ("gone", "gone"),
        Fate::Smaller => ("smaller", "smaller"),
        Fate::Whole => ("whole", "whole"),
    };
    html! {
        tr data-goes=(package.goes) data-stays=(package.stays) data-state=(state) {
            th scope="row" {
                span .name { (shown(&package.name)) } " "
                span .version { (shown(&package.version)) }
            }
            td .wide { (package.ecosystem.as_str()) }
            td .num { (human(package.goes)) }
            td .num { (human(package.stays)) }
            td .wide { span .badge.(state) { (text) } }
        }
    }
}

fn files() -> Markup {
    let sort = |key: &str, name: &str| html! { button type="button" data-sort=(key) { (name) } };
    html! {
        section #files aria-labelledby="files-title" {
            h2 #files-title { "Files" }
            noscript { p { "The table of files needs JavaScript. " code { "bantam report IMAGE --json" } " lists every file." } }
            div #files-tool hidden {
                form .filters role="search" {
                    label .grow { span .hidden { "Search files" }
                        input #search type="search" placeholder="Search paths, packages, reasons" autocomplete="off" spellcheck="false"; }
                    label { span .hidden { "Verdict" } select #verdict {
                        option value="" { "All verdicts" } option value="goes" { "Goes" } option value="stays" { "Stays" } } }
                    label { span .hidden { "Reason" } select #label { option value="" { "All reasons" } } }
                }
                p #found .hint role="status" {}
                div #rows .scroll.tall tabindex="0" role="region" aria-labelledby="files-title" {
                    table #file-table {
                        thead { tr {
                            th scope="col" { (sort("path", "File")) }
                            th .wide scope="col" { (sort("package", "Package")) }
                            th .num scope="col" { (sort("size", "Size")) }
                            th scope="col" { (sort("verdict", "Verdict")) }
                        } }
                        tbody {}
                    }
                }
            }
        }
    }
}

fn open_ends(report: &Report) -> Markup {
    let groups = uncertain::groups(&report.uncertainties);
    html! {
        section #open aria-labelledby="open-title" {
            h2 #open-title { "What the analysis could not know" }
            @if groups.is_empty() { p { "Nothing: every name that it met could be resolved." } }
            @for group in &groups { (uncertain_group(group)) }
            @if !report.commands.is_empty() {
                h3 { "Commands that go" }
                p { "To start the image with one of them, give it as " code { "--entry" } "." }
                details {
                    summary { (thousands(report.commands.len() as u64)) " commands" }
                    p .words { @for command in &report.commands {
                        code title=(shown(&command.path)) { (shown(&command.name)) } " "
                    } }
                }
            }
            @if !report.notes.is_empty() {
                h3 { "Notes" }
                ul { @for note in &report.notes { li { (shown(note)) } } }
            }
        }
    }
}

/// What only assumptions keep out; nothing if there is none, or nobody looked.
fn assumed(report: &Report) -> Markup {
    let mut all: Vec<&AssumptionTotal> = report.assumptions.iter().collect();
    all.sort_by_key(|total| std::cmp::Reverse(total.sums.bytes));
    html! {
        @if !all.is_empty() {
            section #assumed aria-labelledby="assumed-title" {
                h2 #assumed-title { "What is assumed about the program" }
                p { "Each keeps out so much. " code { "--assume nothing" } " gives up all of it." }
                @for total in &all { (assumption(total)) }
            }
        }
    }
}

fn assumption(total: &AssumptionTotal) -> Markup {
    html! {
        details {
            summary {
                span .times { (human(total.sums.bytes)) } " "
                span { (shown(&total.reason)) " " code { (shown(&total.option)) } }
            }
            ul .places {
                @for taken in total.taken_back.iter().take(PLACES) {
                    li {
                        code { (printable(taken.path.0.as_ref())) @if taken.line > 0 { ":" (taken.line) } }
                        span { (shown(&taken.name)) }
                    }
                }
                @if total.taken_back.len() > PLACES {
                    li { "… " (thousands((total.taken_back.len() - PLACES) as u64)) " more; --json has them all" }
                }
            }
        }
    }
}

fn uncertain_group(group: &Group<'_>) -> Markup {
    let one = group.count == 1;
    let (what, effect) = if one { (&group.first.what, &group.first.effect) } else { (&group.what, &group.effect) };
    html! {
        details {
            summary {
                span .times { (thousands(group.count as u64)) " ×" } " "
                span { (shown(what)) " " span .arrow aria-hidden="true" { "→" } span .hidden { ", so: " } " " (shown(effect))
                    @if let Some(option) = group.settle() { " " code { (shown(option)) } } }
            }
            ul .places {
                @for one in group.all.iter().take(PLACES) {
                    li {
                        code { @if one.path.is_empty() { "the image's config" } @else { (shown(&one.path)) }
                            @if one.line > 0 { ":" (one.line) } }
                        span { (shown(&one.what)) " → " (shown(&one.effect)) }
                    }
                }
                @if group.count > PLACES { li { "… " (thousands((group.count - PLACES) as u64)) " more; --json has them all" } }
            }
        }
    }
}

/// The beginning of a digest that engines show as an image's ID.
fn short(digest: &str) -> String {
    let hex = digest.split_once(':').map_or(digest, |(_, hex)| hex);
    shown(&hex.chars().take(12).collect::<String>())
}

/// A count with thin spaces between thousands.
pub fn thousands(count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}
