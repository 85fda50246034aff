//! What the reader of a page asked for in its address: a search, a state, a page of a long list,
//! and whether the page renews itself.

use std::sync::Arc;

use serde::Deserialize;
use url::form_urlencoded::Serializer;

use super::page::Refresh;
use super::standing::Standing;
use crate::local::Card;

/// Monitors on one page. More make a list that nobody reads and a browser draws slowly.
pub(super) const PER_PAGE: usize = 100;

/// The query of a page. What has no meaning is as good as absent.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct View {
    refresh: Option<String>,
    q: Option<String>,
    state: Option<String>,
    page: Option<String>,
}

/// The monitors that a view shows.
#[derive(Debug)]
pub(super) struct Selection {
    /// Those on this page.
    pub(super) cards: Vec<Arc<Card>>,
    /// How many there are on all pages.
    pub(super) matching: usize,
    /// The number of this page, from 1.
    pub(super) page: usize,
    /// How many pages there are, at least 1.
    pub(super) pages: usize,
}

impl View {
    /// Whether the page renews itself.
    pub(super) fn refresh(&self) -> Refresh {
        match self.refresh.as_deref() {
            Some("off") => Refresh::Off,
            _ => Refresh::On,
        }
    }

    /// The text that is searched for; empty without one.
    pub(super) fn search(&self) -> &str {
        self.q.as_deref().unwrap_or_default().trim()
    }

    /// The one standing that is shown.
    pub(super) fn standing(&self) -> Option<Standing> {
        let word = self.state.as_deref()?;
        Standing::ALL
            .into_iter()
            .find(|standing| standing.word() == word)
    }

    /// Whether it leaves monitors out.
    pub(super) fn is_narrowed(&self) -> bool {
        !self.search().is_empty() || self.standing().is_some()
    }

    /// Whether one page was asked for.
    pub(super) fn is_paged(&self) -> bool {
        self.page.is_some()
    }

    /// The monitors among `cards` that are asked for, all of them.
    pub(super) fn matching(&self, mut cards: Vec<Arc<Card>>) -> Vec<Arc<Card>> {
        let wanted = self.search().to_lowercase();
        let standing = self.standing();
        cards.retain(|card| {
            standing.is_none_or(|standing| Standing::of(card) == standing)
                && (wanted.is_empty() || mentions(card, &wanted))
        });
        cards
    }

    /// The page of `cards`, in their order, that is asked for; the last one where there are not
    /// so many.
    pub(super) fn select(&self, cards: Vec<Arc<Card>>) -> Selection {
        let mut cards = self.matching(cards);
        let matching = cards.len();
        let pages = matching.div_ceil(PER_PAGE).max(1);
        let wanted = self.page.as_deref().and_then(|page| page.parse().ok());
        let page = wanted.unwrap_or(1).clamp(1, pages);
        let first = (page - 1) * PER_PAGE;
        cards.drain(..first);
        cards.truncate(PER_PAGE);
        Selection {
            cards,
            matching,
            page,
            pages,
        }
    }

    /// The same view, renewed or not.
    pub(super) fn with_refresh(&self, refresh: Refresh) -> Self {
        View {
            refresh: (refresh == Refresh::Off).then(|| "off".to_owned()),
            ..self.clone()
        }
    }

    /// The same view, on another page.
    pub(super) fn with_page(&self, page: usize) -> Self {
        View {
            page: (page > 1).then(|| page.to_string()),
            ..self.clone()
        }
    }

    /// The same search, from its first page, among monitors that stand like this only.
    pub(super) fn with_standing(&self, standing: Option<Standing>) -> Self {
        View {
            state: standing.map(|standing| standing.word().to_owned()),
            page: None,
            ..self.clone()
        }
    }

    /// The query of an address that leads here: `?q=shop&page=2`.
    pub(super) fn query(&self) -> String {
        let mut query = Serializer::for_suffix("?".to_owned(), 1);
        let search = Some(self.search()).filter(|text| !text.is_empty());
        for (name, value) in [
            ("q", search),
            ("state", self.standing().map(Standing::word)),
            ("page", self.page.as_deref()),
            ("refresh", self.refresh.as_deref().filter(|on| *on == "off")),
        ] {
            if let Some(value) = value {
                query.append_pair(name, value);
            }
        }
        query.finish()
    }
}

/// Whether a card has `wanted`, in small letters, in its name, key, target, team or labels.
fn mentions(card: &Card, wanted: &str) -> bool {
    let monitor = &card.monitor;
    let has = |text: &str| text.to_lowercase().contains(wanted);
    has(&monitor.name)
        || has(&monitor.key.to_string())
        || has(&monitor.public_target())
        || monitor.team.as_deref().is_some_and(has)
        || monitor
            .labels
            .iter()
            .any(|(name, value)| has(name) || has(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_leads_back_to_its_view() {
        let view = View {
            refresh: Some("off".to_owned()),
            q: Some(" tea & <b> ".to_owned()),
            state: Some("down".to_owned()),
            page: Some("3".to_owned()),
        };
        assert_eq!(
            view.query(),
            "?q=tea+%26+%3Cb%3E&state=down&page=3&refresh=off"
        );
        assert_eq!(
            view.with_page(1)
                .with_refresh(Refresh::On)
                .with_standing(None)
                .query(),
            "?q=tea+%26+%3Cb%3E"
        );
        let odd = View {
            refresh: Some("x".to_owned()),
            state: Some("x".to_owned()),
            ..View::default()
        };
        assert_eq!(odd.query(), "?");
        assert!(!odd.is_narrowed());
    }
}
