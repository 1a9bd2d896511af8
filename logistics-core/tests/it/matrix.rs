//! Transition tables checked cell by cell against a matrix that was written down by hand.

use std::fmt::Debug;

use logistics_core::transitions::{Table, Word};

/// What is expected of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cell<P> {
    /// It is refused.
    Refused,
    /// It was done before: nothing to do.
    Done,
    /// The phase stays.
    Stays,
    /// This phase follows.
    Leads(P),
}

/// A matrix: rows are phases, columns commands in the order of their `ALL`. `-` is refused, `=` has
/// nothing to do, `.` stays, a letter is the phase that follows.
pub(crate) struct Matrix<P: 'static> {
    /// The letters of the phases, in the order of their `ALL`.
    pub(crate) letters: &'static str,
    /// A row for each phase.
    pub(crate) rows: &'static [(P, &'static str)],
}

impl<P: Word + Default + Debug> Matrix<P> {
    /// Every cell.
    pub(crate) fn cells<C: Word>(&self) -> impl Iterator<Item = (P, C, Cell<P>)> + use<P, C> {
        let letters = self.letters;
        self.rows.iter().flat_map(move |&(phase, row)| {
            assert_eq!(row.chars().count(), C::ALL.len(), "{row}");
            C::ALL
                .iter()
                .zip(row.chars())
                .map(move |(&command, c)| (phase, command, cell(letters, c)))
        })
    }

    /// Checks that `table`, its diagram and its sentences say the same.
    pub(crate) fn check<C: Word + Debug>(&self, table: &Table<P, C>) {
        assert!(self.rows.iter().map(|(phase, _)| phase).eq(P::ALL), "a row for each phase");
        assert!(table.0.iter().map(|rule| rule.command).eq(C::ALL.iter().copied()));
        let mut arrows = vec!["stateDiagram-v2".to_owned()];
        let name = |phase: P| if phase == P::default() { "[*]" } else { phase.as_str() };
        for (phase, command, cell) in self.cells::<C>() {
            let next = match cell {
                Cell::Refused => None,
                Cell::Done | Cell::Stays => Some(phase),
                Cell::Leads(to) => Some(to),
            };
            assert_eq!(table.next_phase(phase, command), next, "{phase:?} × {command:?}");
            assert_eq!(
                table.is_done(phase, command),
                cell == Cell::Done,
                "{phase:?} × {command:?}"
            );
            let legal = matches!(cell, Cell::Stays | Cell::Leads(_));
            let listed = table.legal_commands(phase).any(|listed| listed == command);
            assert_eq!(listed, legal, "{phase:?} × {command:?}");
            let leads = table.rule(command).and_then(|rule| rule.to);
            if let (true, Some(to)) = (legal, leads) {
                arrows.push(format!("    {} --> {}: {}", name(phase), name(to), command.as_str()));
            }
        }
        let ends = self.rows.iter().filter(|(_, row)| !row.chars().any(char::is_alphabetic));
        arrows.extend(ends.map(|(end, _)| format!("    {} --> [*]", end.as_str())));
        let diagram = table.mermaid();
        let mut drawn: Vec<_> = diagram.lines().collect();
        drawn.sort_unstable();
        arrows.sort_unstable();
        assert_eq!(drawn, arrows);
    }
}

fn cell<P: Word>(letters: &str, c: char) -> Cell<P> {
    match c {
        '-' => Cell::Refused,
        '=' => Cell::Done,
        '.' => Cell::Stays,
        letter => Cell::Leads(P::ALL[letters.find(letter).expect("the letter of a phase")]),
    }
}

/// A page shows a table and its diagram as they are.
pub(crate) fn check_page<P: Word + Default, C: Word>(page: &str, table: &Table<P, C>) {
    let diagram = format!("```mermaid\n{}```\n", table.mermaid());
    assert!(page.contains(&diagram), "the page lacks:\n{diagram}");
    assert!(page.contains(&table.markdown()), "the page lacks:\n{}", table.markdown());
}
