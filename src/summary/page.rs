//! The summary as one page that needs nothing else, in the manner of an image's page. Without scripts the sums, packages, categories and
//! the first images are there; a script brings the table of all images.

use std::io::{self, Write};

use maud::{Markup, html};
use serde::Serialize;

use super::model::{ImageSum, Summary};
use super::text::{costly, failed, less};
use crate::report::html::{STYLE, document, island, thousands};
use crate::report::{human, human_signed, printable};

const SCRIPT: &str = include_str!("page.js");
const OWN_STYLE: &str = include_str!("page.css");
/// How many packages, and how many images that failed or cost, are listed.
const ROWS: usize = 500;
/// How many images are in the page before its script runs.
const IMAGES: usize = 50;

/// What the script works on: of each image what [`row`] says.
#[derive(Serialize)]
struct Data<'a> {
    images: Vec<Row<'a>>,
    words: serde_json::Value,
}

type Row<'a> =
    (&'a str, Option<&'a str>, &'a str, Option<u64>, Option<u64>, Option<u64>, Option<u64>, u64, Option<&'a str>);

fn row(image: &ImageSum) -> Row<'_> {
    (
        &image.name,
        image.target.as_deref(),
        &image.status,
        image.files.map(|files| files.before),
        image.files.map(|files| files.after),
        image.stored.map(|stored| stored.share_before),
        image.stored.map(|stored| stored.share_after),
        image.doubts,
        image.error.as_deref(),
    )
}

/// Writes the page. Same reports, same bytes.
///
/// # Errors
/// If `out` cannot be written to.
pub fn write_html(summary: &Summary, out: &mut impl Write) -> io::Result<()> {
    let words = serde_json::json!({"slimmed": "slimmed", "skipped": "was there", "reported": "reported", "failed": "failed", "doubtful": "doubtful"});
    let data = Data { images: summary.images.iter().map(row).collect(), words };
    let json = island(&data)?;
    out.write_all(page(summary, &json).into_string().as_bytes())
}

fn shown(text: &str) -> String {
    printable(text.into())
}

fn page(summary: &Summary, json: &str) -> Markup {
    let style = format!("{STYLE}{OWN_STYLE}");
    let body = html! {
        a .skip href="#images" { "Skip to the images" }
        header .top {
            span .brand { "bantam" }
            nav aria-label="Sections" {
                a href="#storage" { "Registry" }
                a href="#images" { "Images" }
                a href="#packages" { "Packages" }
                a href="#categories" { "Categories" }
                @if failed(summary).next().is_some() { a href="#failed" { "Failed" } }
            }
            button #theme type="button" hidden aria-label="Switch between light and dark" { "◐" }
        }
        main {
            (head(summary))
            (storage(summary))
            (images(summary))
            (packages(summary))
            (categories(summary))
            (failures(summary))
        }
        footer {
            "Written by bantam " (env!("CARGO_PKG_VERSION")) ". Sizes of images are those of regular files, in decimal units; "
            "what is stored are manifests, configs and layers as they are in the registry, each blob once."
        }
    };
    let title = format!("{} images", thousands(summary.totals.images));
    document(&title, &style, SCRIPT, &body, json)
}

fn figure(value: String, name: &str) -> Markup {
    html! { div { dt { (name) } dd { (value) } } }
}

fn bar(before: u64, after: u64) -> Markup {
    let share = (after as f64 * 100.0 / before.max(1) as f64).min(100.0);
    html! {
        svg .bar role="img" aria-label={ (human(after)) " of " (human(before)) } {
            rect .goes width="100%" height="100%" {}
            rect .stays width=(format!("{share:.2}%")) height="100%" {}
        }
    }
}

fn sizes(before: u64, after: u64) -> Markup {
    html! {
        div .hero {
            p .sizes {
                span .before { span .label { "before" } (human(before)) }
                span .arrow aria-hidden="true" { "→" }
                span .after { span .label { "after" } (human(after)) }
            }
            p .less { strong { (less(before, after).trim_start_matches(", ")) } }
        }
    }
}

fn head(summary: &Summary) -> Markup {
    let totals = &summary.totals;
    html! {
        section #summary aria-labelledby="title" {
            p .over { "Fleet report" }
            h1 #title { (thousands(totals.images)) " images" }
            p .meta {
                "Files of all images, as if nothing were shared"
                @if totals.reported < totals.images { ", of the " (thousands(totals.reported)) " with a report" }
            }
            (sizes(totals.before, totals.after))
            (bar(totals.before, totals.after))
            svg .defs aria-hidden="true" width="0" height="0" {
                defs {
                    pattern #hatch width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" {
                        rect .ground width="6" height="6" {}
                        rect .stripe width="2" height="6" {}
                    }
                }
            }
            dl .figures {
                (figure(thousands(totals.slimmed), "slimmed"))
                (figure(thousands(totals.skipped), "there already"))
                (figure(thousands(totals.failed), "failed"))
                (figure(thousands(totals.doubtful), "doubtful"))
            }
        }
    }
}

fn storage(summary: &Summary) -> Markup {
    let storage = &summary.storage;
    let costly = costly(summary);
    html! {
        section #storage aria-labelledby="storage-title" {
            h2 #storage-title { "In the registry" }
            @if storage.images == 0 {
                p { "What is stored is not known: the reports are not of images that were written." }
            } @else {
                p .lead {
                    "Each blob once, however many images have it. An image of one layer shares that with no other, so small images on one base can take more than before."
                }
                (sizes(storage.before, storage.after))
                (bar(storage.before, storage.after))
                dl .figures {
                    (figure(human(storage.before), "originals alone"))
                    (figure(human(storage.after), "once originals are gone"))
                    (figure(human(storage.together), "while both are there"))
                    (figure(thousands(storage.costly), "images that take more"))
                }
            }
            @if !costly.is_empty() {
                h3 #costs-title { "Images that take more than before: " (human(storage.costs)) " in all" }
                div .scroll.tall #costs tabindex="0" role="region" aria-labelledby="costs-title" { table {
                    thead { tr {
                        th scope="col" { "Image" } th .num scope="col" { "Share before" } th .num scope="col" { "After" }
                        th .num scope="col" { "Costs" } th .num.wide scope="col" { "Slimmed alone" }
                    } }
                    tbody { @for (image, stored) in costly.iter().take(ROWS) { tr {
                        th scope="row" { (shown(&image.name)) }
                        td .num { (human(stored.share_before)) }
                        td .num { (human(stored.share_after)) }
                        td .num.more { "+" (human(stored.costs)) }
                        td .num.wide { "+" (human(stored.costs_alone)) }
                    } } }
                } }
                (rest(costly.len()))
            }
        }
    }
}

fn rest(count: usize) -> Markup {
    html! { @if count > ROWS { p .hint { "… " (thousands((count - ROWS) as u64)) " more; --json and --csv have all." } } }
}

fn images(summary: &Summary) -> Markup {
    let sort = |key: &str, name: &str| html! { button type="button" data-sort=(key) { (name) } };
    let size = |value: Option<u64>| value.map_or("–".into(), human);
    html! {
        section #images aria-labelledby="images-title" {
            h2 #images-title { "Images" }
            div #image-tool hidden {
                form .filters role="search" {
                    label .grow { span .hidden { "Search images" }
                        input #search type="search" placeholder="Search images" autocomplete="off" spellcheck="false"; }
                    label { span .hidden { "State" } select #state {
                        option value="" { "All" } option value="slimmed" { "Slimmed" } option value="skipped" { "There already" }
                        option value="reported" { "Reported" } option value="failed" { "Failed" } option value="doubtful" { "Doubtful" }
                        option value="costs" { "Take more" } } }
                }
                p #found .hint role="status" {}
            }
            noscript { p { "The first " (IMAGES) " are shown; all of them need JavaScript, or --csv." } }
            div .scroll.tall tabindex="0" role="region" aria-labelledby="images-title" {
                table #image-table {
                    thead { tr {
                        th scope="col" { (sort("name", "Image")) }
                        th .num scope="col" { (sort("before", "Before")) }
                        th .num scope="col" { (sort("after", "After")) }
                        th .num.wide scope="col" { (sort("saved", "Goes")) }
                        th .num.wide scope="col" { (sort("cost", "In the registry")) }
                        th scope="col" { "State" }
                    } }
                    tbody { @for image in summary.images.iter().take(IMAGES) { tr {
                        th scope="row" { span .name { (shown(&image.name)) } }
                        td .num { (size(image.files.map(|files| files.before))) }
                        td .num { (size(image.files.map(|files| files.after))) }
                        td .num.wide { (human_signed(image.saved())) }
                        td .num.wide { (image.stored.map_or("–".into(), |stored| {
                            human_signed(stored.share_after.cast_signed().wrapping_sub(stored.share_before.cast_signed()))
                        })) }
                        td { (shown(&image.status)) }
                    } } }
                }
            }
            button #more type="button" hidden { "Show more" }
        }
    }
}

fn packages(summary: &Summary) -> Markup {
    html! {
        section #packages aria-labelledby="packages-title" {
            h2 #packages-title { "Packages, across images" }
            @if summary.packages.is_empty() { p { "No report says anything of packages." } } @else {
                div .scroll.tall tabindex="0" role="region" aria-labelledby="packages-title" { table {
                    thead { tr {
                        th scope="col" { "Package" } th .num scope="col" { "Images" } th .num.wide scope="col" { "Gone from" }
                        th .num scope="col" { "Goes" } th .num scope="col" { "Stays" }
                    } }
                    tbody { @for one in summary.packages.iter().take(ROWS) { tr {
                        th scope="row" { span .name { (shown(&one.name)) } " " span .version { (shown(&one.ecosystem)) } }
                        td .num { (thousands(one.images)) }
                        td .num.wide { (thousands(one.gone)) }
                        td .num { (human_signed(one.before.cast_signed().wrapping_sub(one.after.cast_signed()))) }
                        td .num { (human(one.after)) }
                    } } }
                } }
                (rest(summary.packages.len()))
            }
        }
    }
}

fn categories(summary: &Summary) -> Markup {
    let most = summary.categories.iter().map(|one| one.bytes).max().unwrap_or_default().max(1);
    html! {
        section #categories aria-labelledby="categories-title" {
            h2 #categories-title { "Why things go" }
            div .scroll { table {
                thead { tr {
                    th scope="col" { "Category" } th .wide scope="col" { span .hidden { "Share of what goes" } }
                    th .num scope="col" { "Images" } th .num scope="col" { "Size" }
                } }
                tbody { @for one in &summary.categories { tr {
                    th scope="row" { (shown(&one.name)) }
                    td .wide.gauge { svg .gauge aria-hidden="true" {
                        rect .goes height="100%" width=(format!("{:.2}%", (one.bytes as f64 * 100.0 / most as f64).max(0.0))) {}
                    } }
                    td .num { (thousands(one.images)) }
                    td .num { (human_signed(one.bytes)) }
                } } }
            } }
        }
    }
}

fn failures(summary: &Summary) -> Markup {
    let failed: Vec<&ImageSum> = failed(summary).collect();
    html! {
        @if !failed.is_empty() {
            section #failed aria-labelledby="failed-title" {
                h2 #failed-title { "Failed: " (thousands(failed.len() as u64)) }
                div .scroll.tall tabindex="0" role="region" aria-labelledby="failed-title" { table {
                    thead { tr { th scope="col" { "Image" } } }
                    tbody { @for image in failed.iter().take(ROWS) { tr { th scope="row" {
                        (shown(&image.name)) span .why { (shown(image.error.as_deref().unwrap_or_default())) }
                    } } } }
                } }
                (rest(failed.len()))
            }
        }
    }
}
