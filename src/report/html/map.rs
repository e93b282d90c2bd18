//! The map of the image as it stands in the page before its script runs, and where scripts are not allowed: the
//! folders that say most, drawn as rectangles of the area that they had.

use maud::{Markup, html};
use streemap::Rect;

use super::super::breakdown::Part;
use super::super::size::human;

/// Units of the drawing; the page scales it.
const WIDTH: f64 = 1200.0;
const HEIGHT: f64 = 480.0;

struct Tile<'a> {
    part: &'a Part,
    before: f64,
    rect: Rect<f64>,
}

/// An SVG in which every part has its share of the area, the left of it for what stays.
pub fn map(parts: &[Part]) -> Markup {
    let before = |part: &Part| (i128::from(part.bytes) + i128::from(part.stays.bytes)).max(0) as f64;
    let tile = |part| Tile { part, before: before(part), rect: Rect::from_size(0.0, 0.0) };
    let mut tiles: Vec<Tile<'_>> = parts.iter().filter(|part| before(part) > 0.0).map(tile).collect();
    let whole = Rect::from_size(WIDTH, HEIGHT);
    streemap::squarify(whole, &mut tiles, |tile| tile.before, |tile, rect| tile.rect = rect);
    html! {
        svg .map-still viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img" aria-label="Map of the image by folder" {
            @for tile in &tiles { (drawn(tile)) }
        }
    }
}

fn drawn(tile: &Tile<'_>) -> Markup {
    let Rect { x, y, w, h } = tile.rect;
    let share = (tile.part.stays.bytes as f64 / tile.before).clamp(0.0, 1.0);
    let title = format!("{}: {} of {} stay", tile.part.name, human(tile.part.stays.bytes), human(tile.before as u64));
    let number = |value: f64| format!("{value:.2}");
    html! {
        g {
            title { (title) }
            rect .goes x=(number(x)) y=(number(y)) width=(number(w)) height=(number(h)) {}
            rect .stays x=(number(x)) y=(number(y)) width=(number(w * share)) height=(number(h)) {}
            rect .edge x=(number(x)) y=(number(y)) width=(number(w)) height=(number(h)) {}
            @if w > 90.0 && h > 28.0 {
                @let room = (w / 8.0) as usize;
                text x=(number(x + 8.0)) y=(number(y + 20.0)) { (super::super::table::cut_middle(&tile.part.name, room)) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Sums;

    #[test]
    fn areas_are_shares_of_the_bytes() {
        let sizes = [5_000_i64, 3000, 1000, 700, 300];
        let part = |(i, &bytes): (usize, &i64)| Part {
            name: format!("/<{i}>"),
            bytes,
            stays: Sums { files: 1, bytes: 1000 },
            ..Part::default()
        };
        let parts: Vec<Part> = sizes.iter().enumerate().map(part).collect();
        let svg = map(&parts).into_string();
        assert!(svg.contains("&lt;0&gt;") && !svg.contains("<0>"));
        let areas: Vec<f64> = svg
            .split("<rect class=\"edge\"")
            .skip(1)
            .map(|rect| {
                let value = |name: &str| -> f64 {
                    rect.split_once(&format!("{name}=\"")).unwrap().1.split('"').next().unwrap().parse().unwrap()
                };
                value("width") * value("height")
            })
            .collect();
        let whole = WIDTH * HEIGHT;
        assert!((areas.iter().sum::<f64>() - whole).abs() < whole / 1000.0);
        for (area, size) in areas.iter().zip(sizes) {
            let wanted = whole * (size + 1000) as f64 / 15_000.0;
            assert!((area - wanted).abs() < whole / 1000.0, "{area} {wanted}");
        }
    }
}
