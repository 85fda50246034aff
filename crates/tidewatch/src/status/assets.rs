//! Files that pages refer to. Their names carry a hash of their content, so that a browser keeps
//! them for good and a page that renews itself does not fetch them again.

use std::fmt::Write;
use std::sync::LazyLock;

use sha2::{Digest, Sha256};

use super::glyph;
use super::standing::Standing;

/// A file.
#[derive(Debug)]
pub(super) struct Asset {
    /// Where it is served: `/assets/status.0123456789abcdef.css`.
    pub(super) path: String,
    /// The media type.
    pub(super) media_type: &'static str,
    /// The content.
    pub(super) content: String,
}

static STYLESHEET: LazyLock<Asset> = LazyLock::new(|| {
    let content = include_str!("../../assets/status.css").to_owned();
    Asset {
        path: path("status", "css", &content),
        media_type: "text/css; charset=utf-8",
        content,
    }
});

static TAB_ICONS: LazyLock<[Asset; Standing::ALL.len()]> = LazyLock::new(|| {
    Standing::ALL.map(|standing| {
        let content = glyph::tab_icon(standing);
        Asset {
            path: path(standing.word(), "svg", &content),
            media_type: "image/svg+xml",
            content,
        }
    })
});

/// The stylesheet of all pages.
pub(super) fn stylesheet() -> &'static Asset {
    &STYLESHEET
}

/// The icon of a browser tab.
pub(super) fn tab_icon(standing: Standing) -> &'static Asset {
    &TAB_ICONS[standing as usize]
}

/// The file that is served as `/assets/{name}`.
pub(super) fn find(name: &str) -> Option<&'static Asset> {
    TAB_ICONS
        .iter()
        .chain([stylesheet()])
        .find(|asset| asset.path.strip_prefix(FOLDER) == Some(name))
}

const FOLDER: &str = "/assets/";

fn path(stem: &str, ending: &str, content: &str) -> String {
    let digest = Sha256::digest(content.as_bytes());
    let mut path = format!("{FOLDER}{stem}.");
    for byte in &digest[..8] {
        // Writing to a string does not fail.
        let _ = write!(path, "{byte:02x}");
    }
    path + "." + ending
}
