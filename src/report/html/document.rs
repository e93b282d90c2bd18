//! What all pages have around their content: one style sheet and one script, and a policy that allows nothing else.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::assets::allowed;

/// A page of this title. `json` is what the script works on.
pub(crate) fn document(title: &str, style: &str, script: &str, body: &Markup, json: &str) -> Markup {
    let policy = format!(
        "default-src 'none'; script-src {}; style-src {}; base-uri 'none'; form-action 'none'",
        allowed(script),
        allowed(style)
    );
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                title { (title) " · bantam" }
                style { (PreEscaped(style)) }
            }
            body {
                (body)
                script type="application/json" id="data" { (PreEscaped(json)) }
                script { (PreEscaped(script)) }
            }
        }
    }
}
