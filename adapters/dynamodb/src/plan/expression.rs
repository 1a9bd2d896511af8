//! Conditions and updates as DynamoDB's expressions.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use super::{Condition, Update};
use crate::item::Item;
use crate::keys::PK;

/// An expression under construction: its text, with names and values held beside it.
#[derive(Debug, Default)]
pub(crate) struct Expression {
    names: Names,
    values: Item,
}

/// Names by their placeholders.
type Names = HashMap<String, String>;

impl Expression {
    /// What names and values of a request must be; `None` where there are none.
    pub(crate) fn parts(self) -> (Option<Names>, Option<Item>) {
        let names = (!self.names.is_empty()).then_some(self.names);
        (names, (!self.values.is_empty()).then_some(self.values))
    }

    /// The placeholder of an attribute's name.
    pub(crate) fn name(&mut self, attribute: &str) -> String {
        let placeholder = format!("#{attribute}");
        self.names.insert(placeholder.clone(), attribute.to_owned());
        placeholder
    }

    /// The placeholder of a value.
    pub(crate) fn value(&mut self, value: &AttributeValue) -> String {
        let placeholder = format!(":{}", self.values.len());
        self.values.insert(placeholder.clone(), value.clone());
        placeholder
    }

    /// The text of `condition`; `None` for one that always holds.
    pub(crate) fn condition(&mut self, condition: &Condition) -> Option<String> {
        Some(match condition {
            Condition::Always => return None,
            Condition::Absent => format!("attribute_not_exists({})", self.name(PK)),
            Condition::Present => format!("attribute_exists({})", self.name(PK)),
            Condition::Missing(attribute) => {
                format!("attribute_not_exists({})", self.name(attribute))
            }
            Condition::Equal(attribute, value) => self.compare(attribute, "=", value),
            Condition::Less(attribute, value) => self.compare(attribute, "<", value),
            Condition::AtMost(attribute, value) => self.compare(attribute, "<=", value),
            Condition::Greater(attribute, value) => self.compare(attribute, ">", value),
            Condition::All(parts) => return self.join(parts, " AND "),
            Condition::Any(parts) => return self.join(parts, " OR "),
        })
    }

    fn compare(&mut self, attribute: &str, operator: &str, value: &AttributeValue) -> String {
        format!("{} {operator} {}", self.name(attribute), self.value(value))
    }

    fn join(&mut self, parts: &[Condition], word: &str) -> Option<String> {
        let parts: Vec<String> = parts.iter().filter_map(|part| self.condition(part)).collect();
        // DynamoDB refuses parentheses around parentheses.
        match parts.as_slice() {
            [] => None,
            [one] => Some(one.clone()),
            parts => Some(format!("({})", parts.join(word))),
        }
    }

    /// The text of `update`.
    pub(crate) fn update(&mut self, update: &Update) -> String {
        let set = update.set.iter().map(|(name, value)| {
            let name = self.name(name);
            format!("{name} = {}", self.value(value))
        });
        let set: Vec<String> = set.collect();
        let add = update.add.iter().map(|(name, by)| {
            let name = self.name(name);
            format!("{name} {}", self.value(&AttributeValue::N(by.to_string())))
        });
        let add: Vec<String> = add.collect();
        let remove: Vec<String> = update.remove.iter().map(|name| self.name(name)).collect();
        let clauses = [("SET", set), ("ADD", add), ("REMOVE", remove)];
        let clauses = clauses.into_iter().filter(|(_, parts)| !parts.is_empty());
        let clauses: Vec<String> =
            clauses.map(|(word, parts)| format!("{word} {}", parts.join(", "))).collect();
        clauses.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::{number, text};
    use crate::keys::Key;

    #[test]
    fn conditions_are_written_in_dynamodbs_words() {
        let v = || Condition::Equal("v", number(3));
        let cases = [
            (Condition::Always, None),
            (Condition::Absent, Some("attribute_not_exists(#PK)")),
            (v(), Some("#v = :0")),
            (
                Condition::All(vec![v(), Condition::Less("lts", text("t"))]),
                Some("(#v = :0 AND #lts < :1)"),
            ),
            (
                Condition::Any(vec![Condition::Absent, Condition::All(vec![v()])]),
                Some("(attribute_not_exists(#PK) OR #v = :0)"),
            ),
            (Condition::All(vec![Condition::Always]), None),
        ];
        for (condition, text) in cases {
            assert_eq!(Expression::default().condition(&condition).as_deref(), text);
        }
    }

    #[test]
    fn an_update_has_only_the_clauses_it_needs() {
        let mut update = Update::new(Key::new("p", "s"));
        update.set("v", number(1));
        let mut expression = Expression::default();
        assert_eq!(expression.update(&update), "SET #v = :0");
        update.add.push(("n", -2));
        update.remove.push("x");
        let mut expression = Expression::default();
        assert_eq!(expression.update(&update), "SET #v = :0 ADD #n :1 REMOVE #x");
        let (names, values) = expression.parts();
        assert_eq!(names.map(|names| names.len()), Some(3));
        assert_eq!(values.and_then(|values| values.get(":1").cloned()), Some(number(-2)));
    }
}
