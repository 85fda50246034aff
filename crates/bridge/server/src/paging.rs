//! Pages of listings. The token is the name of the last item of the page before, so it needs no
//! memory here and stays right when items come and go.

use tidewatch_wire::ApiError;

/// The most items of a page, and how many it has when the client does not say.
const PAGE: usize = 20;
/// What a token begins with.
const AFTER: &str = "after:";

/// Cuts a page out of `items`, which are sorted by `name`. Gives the page and the token of the
/// next one, if there is one.
pub(crate) fn page<T>(
    items: Vec<T>,
    name: impl Fn(&T) -> String,
    token: Option<&str>,
    max: Option<i64>,
) -> Result<(Vec<T>, Option<String>), ApiError> {
    let after = match token {
        None => None,
        Some(token) => Some(
            token
                .strip_prefix(AFTER)
                .ok_or_else(|| ApiError::validation("Invalid pagination token."))?,
        ),
    };
    let max = max
        .and_then(|max| usize::try_from(max).ok())
        .unwrap_or(PAGE);
    let mut rest = items
        .into_iter()
        .filter(|item| after.is_none_or(|after| name(item).as_str() > after));
    let page: Vec<T> = rest.by_ref().take(max).collect();
    let token = match (rest.next(), page.last()) {
        (Some(_), Some(last)) => Some(format!("{AFTER}{}", name(last))),
        _ => None,
    };
    Ok((page, token))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(token: Option<&str>, max: Option<i64>) -> (Vec<&'static str>, Option<String>) {
        page(vec!["a", "b", "c"], |name| name.to_string(), token, max).unwrap()
    }

    #[test]
    fn pages_follow_one_another_and_the_last_has_no_token() {
        assert_eq!(cut(None, Some(2)), (vec!["a", "b"], Some("after:b".into())));
        assert_eq!(cut(Some("after:b"), Some(2)), (vec!["c"], None));
        assert_eq!(cut(None, Some(3)), (vec!["a", "b", "c"], None));
        assert_eq!(cut(None, None), (vec!["a", "b", "c"], None));
    }

    #[test]
    fn a_page_goes_on_where_the_last_item_was_deleted() {
        assert_eq!(cut(Some("after:aa"), None), (vec!["b", "c"], None));
    }

    #[test]
    fn a_foreign_token_is_refused() {
        let error = page(vec!["a"], |name| name.to_string(), Some("b"), None).unwrap_err();
        assert_eq!(error.message, "Invalid pagination token.");
    }
}
