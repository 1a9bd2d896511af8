//! Topic filters, as far as they can match a manifest's topic.

use logistics_core::PartnerId;

/// Whose manifests a topic filter covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Coverage {
    One(PartnerId),
    All,
    /// Nobody's: granted, because the app OwnTracks subscribes to its own topics and takes a refusal
    /// for a broken connection. The platform writes nothing there.
    Nobody,
}

impl Coverage {
    /// Which manifest topics the filter matches, if any: MQTT 5, section 4.7.
    pub(super) fn of(filter: &str) -> Option<Self> {
        if let Some(rest) = filter.strip_prefix("owntracks/") {
            return is_valid(rest).then_some(Self::Nobody);
        }
        let mut coverage = Self::All;
        let mut levels = filter.split('/');
        for (at, name) in ["logistics", "dp", "", "manifest"].into_iter().enumerate() {
            match levels.next()? {
                "#" => return levels.next().is_none().then_some(coverage),
                "+" => {}
                level if at == 2 => coverage = Self::One(PartnerId::new(level).ok()?),
                level if level == name => {}
                _ => return None,
            }
        }
        match levels.next() {
            None => Some(coverage),
            Some("#") if levels.next().is_none() => Some(coverage),
            Some(_) => None,
        }
    }

    pub(super) fn includes(&self, partner: &PartnerId) -> bool {
        match self {
            Self::One(one) => one == partner,
            Self::All => true,
            Self::Nobody => false,
        }
    }
}

/// Whether wildcards stand alone, and `#` at the end: MQTT 5, section 4.7.1.
fn is_valid(filter: &str) -> bool {
    let mut levels = filter.split('/').rev();
    let last = levels.next().unwrap_or_default();
    let stands_alone = |level: &str| level == "+" || !level.contains(['+', '#']);
    (last == "#" || stands_alone(last)) && levels.all(stands_alone)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Matching as MQTT 5, section 4.7 words it, level by level.
    fn matches(filter: &[&str], topic: &[&str]) -> bool {
        match (filter, topic) {
            (["#"], _) | ([], []) => true,
            ([first, filter @ ..], [level, topic @ ..]) => {
                (*first == "+" || first == level) && matches(filter, topic)
            }
            _ => false,
        }
    }

    fn level() -> impl Strategy<Value = &'static str> {
        prop::sample::select(vec!["logistics", "dp", "a", "b", "manifest", "+", "#", "", "other"])
    }

    #[test]
    fn an_invalid_filter_covers_nothing() {
        for filter in
            ["", "a", "logistics/dp", "logistics/dp//manifest", "#/a", "logistics/#/x", "+"]
        {
            assert_eq!(Coverage::of(filter), None, "{filter:?}");
        }
    }

    proptest! {
    #[test]
    fn coverage_is_matching(levels in prop::collection::vec(level(), 1..6)) {
        let filter = levels.join("/");
        let hash_is_last = levels.iter().rev().skip(1).all(|level| *level != "#");
        let expected = |id: &str| hash_is_last && matches(&levels, &["logistics", "dp", id, "manifest"]);
        let covers = |id: &str| match Coverage::of(&filter) {
            Some(Coverage::One(one)) => one.as_str() == id,
            Some(Coverage::All) => true,
            Some(Coverage::Nobody) | None => false,
        };
        for id in ["a", "b", "c"] {
            // "logistics/dp/a/manifest/#" matches its parent as well.
            let parent = levels.strip_suffix(&["#"]).is_some_and(|l| matches(l, &["logistics", "dp", id, "manifest"]) && hash_is_last);
            prop_assert_eq!(covers(id), expected(id) || parent, "{} {}", filter, id);
        }
    }

    }
}
