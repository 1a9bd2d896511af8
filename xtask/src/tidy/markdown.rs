//! Markdown, as far as tidy reads it: which parts of a line are code and which are prose.

/// A piece of code: a line of a fenced block or the inside of a pair of backticks.
pub(super) fn code(text: &str) -> Vec<(usize, &str)> {
    split(text).into_iter().filter(|piece| piece.is_code).map(|p| (p.line, p.text)).collect()
}

/// Lines outside of fenced blocks, with inline code left out.
pub(super) fn prose(text: &str) -> Vec<(usize, String)> {
    let mut lines: Vec<(usize, String)> = Vec::new();
    for piece in split(text).into_iter().filter(|piece| !piece.is_code) {
        match lines.last_mut() {
            Some((line, prose)) if *line == piece.line => prose.push_str(piece.text),
            _ => lines.push((piece.line, piece.text.to_owned())),
        }
    }
    lines
}

struct Piece<'a> {
    line: usize,
    is_code: bool,
    text: &'a str,
}

fn split(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut fenced = false;
    for (at, text) in text.lines().enumerate() {
        let line = at + 1;
        let start = text.trim_start();
        if start.starts_with("```") || start.starts_with("~~~") {
            fenced = !fenced;
        } else if fenced {
            pieces.push(Piece { line, is_code: true, text });
        } else {
            let parts = text.split('`').enumerate();
            pieces.extend(parts.map(|(nr, text)| Piece { line, is_code: nr % 2 == 1, text }));
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "a `b` c `d`\n```sh\ne `f`\n```\n[`g`](h)";

    #[test]
    fn code_is_what_backticks_and_fences_hold() {
        assert_eq!(code(TEXT), [(1, "b"), (1, "d"), (3, "e `f`"), (5, "g")]);
    }

    #[test]
    fn prose_is_the_rest() {
        assert_eq!(prose(TEXT), [(1, "a  c ".to_owned()), (5, "[](h)".to_owned())]);
    }
}
