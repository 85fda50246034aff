//! The icon of each standing: told apart by shape first, by colour second.

use maud::{Markup, html};

use super::standing::Standing;

/// The icon within a page, in the colour of its standing. The word stands beside it, so that it
/// is hidden from screen readers.
pub(super) fn glyph(standing: Standing) -> Markup {
    html! {
        svg class={ "glyph " (standing.word()) } viewBox="0 0 16 16" aria-hidden="true" {
            (shape(standing))
        }
    }
}

/// The icon of a browser tab: a file of its own, in a colour that is visible on light and dark.
pub(super) fn tab_icon(standing: Standing) -> String {
    let colour = match standing {
        Standing::Down => "#d9480f",
        Standing::Suspect | Standing::Recovering | Standing::Degraded => "#b7791f",
        Standing::Up => "#2f7fe0",
        Standing::Unknown | Standing::Paused => "#868e96",
    };
    html! {
        svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" color=(colour) {
            (shape(standing))
        }
    }
    .into_string()
}

/// Tidewatch's own mark: a tide under a point that is watched.
pub(super) fn mark() -> Markup {
    html! {
        svg class="mark" viewBox="0 0 24 24" aria-hidden="true" {
            circle cx="12" cy="6" r="2.6" fill="currentColor" {}
            path d="M2 14.2c2.5-2.6 4.2-2.6 6.7 0s4.1 2.6 6.6 0 4.2-2.6 6.7 0" fill="none"
                stroke="currentColor" stroke-width="2.2" stroke-linecap="round" {}
            path d="M2 20c2.5-2.6 4.2-2.6 6.7 0s4.1 2.6 6.6 0 4.2-2.6 6.7 0" fill="none"
                stroke="currentColor" stroke-width="2.2" stroke-linecap="round" opacity=".45" {}
        }
    }
}

fn shape(standing: Standing) -> Markup {
    html! {
        @match standing {
            Standing::Down => {
                path d="M2 3.2h12L8 13.6z" fill="currentColor" stroke="currentColor"
                    stroke-width="2" stroke-linejoin="round" {}
            }
            Standing::Suspect => {
                path d="M8 1.8 14.2 8 8 14.2 1.8 8z" fill="currentColor" stroke="currentColor"
                    stroke-width="1.4" stroke-linejoin="round" {}
            }
            Standing::Recovering => {
                path d="M8 3.2 14 13H2z" fill="none" stroke="currentColor" stroke-width="2"
                    stroke-linejoin="round" {}
            }
            Standing::Degraded => {
                rect x="2.2" y="2.2" width="11.6" height="11.6" rx="2" fill="none"
                    stroke="currentColor" stroke-width="1.8" {}
                path d="M2.2 8h11.6v3.8a2 2 0 0 1-2 2H4.2a2 2 0 0 1-2-2z" fill="currentColor" {}
            }
            Standing::Unknown => {
                circle cx="8" cy="8" r="5.9" fill="none" stroke="currentColor" stroke-width="1.8"
                    stroke-dasharray="2.6 2.03" {}
            }
            Standing::Up => circle cx="8" cy="8" r="6.2" fill="currentColor" {}
            Standing::Paused => {
                path d="M5 3v10M11 3v10" stroke="currentColor" stroke-width="2.8"
                    stroke-linecap="round" {}
            }
        }
    }
}
