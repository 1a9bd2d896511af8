//! Transition tables as data: which command is legal in which phase, what it records, where it
//! leads. Decisions are checked against them, diagrams and documentation are drawn from them.

use std::fmt::Write as _;

/// A closed set of words: the phases of an aggregate, or its commands without their content.
pub trait Word: Copy + Eq + 'static {
    /// All of them, in the order of the aggregate's life.
    const ALL: &'static [Self];

    /// Its stable name, such as `in_transit`.
    fn as_str(self) -> &'static str;
}

/// One row: a command, the phases it is legal in, what it records and where it leads.
///
/// A row says what may be asked in a phase. Guards on the content come after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule<P: 'static, C> {
    /// The command.
    pub command: C,
    /// The phases in which it is legal.
    pub from: &'static [P],
    /// The event it records; after others, where there are several.
    pub event: &'static str,
    /// The phase after it; none where the phase stays.
    pub to: Option<P>,
    /// The phases in which it was done before: asking again changes nothing.
    pub again: &'static [P],
}

/// The transitions of one aggregate, one row for each command. What is not here is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Table<P: 'static, C: 'static>(pub &'static [Rule<P, C>]);

impl<P: Word + Default, C: Word> Table<P, C> {
    /// The row of `command`.
    #[must_use]
    pub fn rule(&self, command: C) -> Option<&'static Rule<P, C>> {
        self.0.iter().find(|rule| rule.command == command)
    }

    /// The phase after `command` in `phase`, the same one where nothing changes; `None` where the
    /// command is illegal.
    #[must_use]
    pub fn next_phase(&self, phase: P, command: C) -> Option<P> {
        let rule = self.rule(command)?;
        if rule.again.contains(&phase) {
            return Some(phase);
        }
        rule.from.contains(&phase).then(|| rule.to.unwrap_or(phase))
    }

    /// Whether what `command` asks was done before, so that nothing is left to do.
    #[must_use]
    pub fn is_done(&self, phase: P, command: C) -> bool {
        self.rule(command).is_some_and(|rule| rule.again.contains(&phase))
    }

    /// The commands that are legal in `phase`, in the order of the table.
    pub fn legal_commands(&self, phase: P) -> impl Iterator<Item = C> + use<P, C> {
        self.0.iter().filter(move |rule| rule.from.contains(&phase)).map(|rule| rule.command)
    }

    /// A sentence that says why `command` is illegal in `phase`, and what is legal there.
    #[must_use]
    pub fn explain(&self, phase: P, command: C) -> String {
        let sources = self.rule(command).map_or(&[][..], |rule| rule.from);
        let legal = join(self.legal_commands(phase).map(Word::as_str));
        format!(
            "{} is legal only from {}; it is {}, where {} is legal",
            command.as_str(),
            join(sources.iter().map(|from| from.as_str())),
            phase.as_str(),
            if legal.is_empty() { "nothing" } else { &legal },
        )
    }

    /// The changes of phase as a Mermaid state diagram.
    #[must_use]
    pub fn mermaid(&self) -> String {
        let initial = P::default();
        let name = |phase: P| if phase == initial { "[*]" } else { phase.as_str() };
        let mut diagram = "stateDiagram-v2\n".to_owned();
        for (from, to, rule) in self.changes() {
            let command = rule.command.as_str();
            // Writing to a string cannot fail.
            let _ = writeln!(diagram, "    {} --> {}: {command}", name(from), name(to));
        }
        let leads_on = |phase: P| self.changes().any(|(from, ..)| from == phase);
        for end in P::ALL.iter().filter(|&&phase| !leads_on(phase)) {
            let _ = writeln!(diagram, "    {} --> [*]", end.as_str());
        }
        diagram
    }

    /// The table as Markdown.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut table = "| command | legal in | records | then | nothing to do in |\n\
                         |---|---|---|---|---|\n"
            .to_owned();
        let words = |phases: &[P]| match phases {
            [] => "–".to_owned(),
            phases => join(phases.iter().map(|phase| phase.as_str())),
        };
        for rule in self.0 {
            let _ = writeln!(
                table,
                "| `{}` | {} | `{}` | {} | {} |",
                rule.command.as_str(),
                words(rule.from),
                rule.event,
                rule.to.map_or("stays", Word::as_str),
                words(rule.again),
            );
        }
        table
    }

    /// The legal cells that name the phase that follows.
    fn changes(&self) -> impl Iterator<Item = (P, P, &'static Rule<P, C>)> + use<P, C> {
        self.0.iter().flat_map(|rule| {
            rule.to
                .into_iter()
                .flat_map(move |to| rule.from.iter().map(move |&from| (from, to, rule)))
        })
    }
}

fn join<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.collect::<Vec<_>>().join(", ")
}

/// Defines a [`Word`]: an enum whose variants have stable names, written and read as these.
macro_rules! words {
    ($(#[$meta:meta])* $vis:vis enum $name:ident {
        $($(#[$doc:meta])* $variant:ident $text:literal,)+
    }) => {
        $(#[$meta])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash,
            ::serde::Serialize, ::serde::Deserialize,
        )]
        $vis enum $name {
            $($(#[$doc])* #[serde(rename = $text)] $variant,)+
        }

        impl $name {
            /// All of them, in the order of a life.
            $vis const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Its stable name.
            #[must_use]
            $vis const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }

        impl $crate::transitions::Word for $name {
            const ALL: &'static [Self] = Self::ALL;

            fn as_str(self) -> &'static str {
                self.as_str()
            }
        }
    };
}

/// Defines the commands of an aggregate from structs with their content, and their kinds.
macro_rules! commands {
    ($(#[$meta:meta])* pub enum $name:ident, $kind:ident {
        $($variant:ident($body:ident) $text:literal,)+
    }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, ::serde::Serialize, ::serde::Deserialize)]
        pub enum $name {
            $(
                #[doc = concat!("See [`", stringify!($body), "`].")]
                #[serde(rename = $text)]
                $variant($body),
            )+
        }

        $crate::transitions::words! {
            /// A command without its content.
            pub enum $kind {
                $(#[doc = concat!("[`", stringify!($body), "`](super::", stringify!($body), ").")]
                $variant $text,)+
            }
        }

        impl $name {
            /// Which command it is.
            #[must_use]
            pub const fn kind(&self) -> $kind {
                match self { $(Self::$variant(_) => $kind::$variant,)+ }
            }
        }

        $(impl From<$body> for $name {
            fn from(command: $body) -> Self {
                Self::$variant(command)
            }
        })+
    };
}

pub(crate) use {commands, words};

#[cfg(test)]
mod tests {
    use super::*;

    words! {
        /// Where a door stands.
        #[derive(Default)]
        enum Door {
            /// None yet.
            #[default]
            Unbuilt "unbuilt",
            /// Open.
            Open "open",
            /// Shut.
            Shut "shut",
            /// Bricked up.
            Gone "gone",
        }
    }

    words! {
        /// What can be done to a door.
        enum Deed {
            /// Build it.
            Build "build",
            /// Shut it.
            Shut "shut",
            /// Knock at it.
            Knock "knock",
            /// Brick it up.
            Brick "brick",
        }
    }

    const TABLE: Table<Door, Deed> = Table(&[
        row(Deed::Build, &[Door::Unbuilt], Some(Door::Open), &[]),
        row(Deed::Shut, &[Door::Open], Some(Door::Shut), &[Door::Shut]),
        row(Deed::Knock, &[Door::Open, Door::Shut, Door::Gone], None, &[]),
        row(Deed::Brick, &[Door::Open, Door::Shut], Some(Door::Gone), &[]),
    ]);

    const fn row(
        command: Deed,
        from: &'static [Door],
        to: Option<Door>,
        again: &'static [Door],
    ) -> Rule<Door, Deed> {
        Rule { command, from, event: "Happened", to, again }
    }

    #[test]
    fn a_command_leads_on_stays_repeats_or_is_illegal() {
        assert_eq!(TABLE.next_phase(Door::Open, Deed::Shut), Some(Door::Shut));
        assert_eq!(TABLE.next_phase(Door::Shut, Deed::Shut), Some(Door::Shut));
        assert!(TABLE.is_done(Door::Shut, Deed::Shut) && !TABLE.is_done(Door::Open, Deed::Shut));
        assert_eq!(TABLE.next_phase(Door::Gone, Deed::Knock), Some(Door::Gone));
        assert_eq!(TABLE.next_phase(Door::Unbuilt, Deed::Knock), None);
        assert_eq!(
            TABLE.explain(Door::Unbuilt, Deed::Brick),
            "brick is legal only from open, shut; it is unbuilt, where build is legal"
        );
    }

    #[test]
    fn only_what_changes_the_phase_is_drawn() {
        assert_eq!(
            TABLE.mermaid(),
            "stateDiagram-v2\n    [*] --> open: build\n    open --> shut: shut\n    \
             open --> gone: brick\n    shut --> gone: brick\n    gone --> [*]\n"
        );
        assert!(TABLE.markdown().ends_with(
            "| `shut` | open | `Happened` | shut | shut |\n\
             | `knock` | open, shut, gone | `Happened` | stays | – |\n\
             | `brick` | open, shut | `Happened` | gone | – |\n"
        ));
    }
}
