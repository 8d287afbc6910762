//! Links and pictures by labels: `![text][label]`, `![label][]`, `![label]`. What a label stands for is said once,
//! before them or after; what is to be read, each says for itself.

use std::collections::HashMap;

/// Of each label that a text shows something by, whether all that show it have a text.
pub(super) struct Labels(HashMap<String, bool>);

impl Labels {
    /// Those of a text. It is read once.
    pub(super) fn of(text: &str) -> Self {
        let mut labels = Self(HashMap::new());
        let (mut brackets, mut last_open, mut is_blank) = (Vec::new(), None, true);
        let mut next = text.char_indices().peekable();
        while let Some((at, read)) = next.next() {
            match read {
                '\n' if is_blank => brackets.clear(),
                '\\' => drop(next.next_if(|(_, escaped)| *escaped != '\n')),
                '[' => {
                    brackets.push(at);
                    last_open = Some(at);
                }
                ']' => {
                    if let Some(open) = brackets.pop() {
                        // One with brackets in it is no label.
                        let label = Some(&text[open + 1..at]).filter(|_| last_open == Some(open));
                        labels.read(label, &text[open + 1..at], &text[at + 1..]);
                    }
                    last_open = None;
                }
                _ => {}
            }
            is_blank = read == '\n' || is_blank && read.is_whitespace();
        }
        labels
    }

    /// Notes what stands in brackets, by what is behind them.
    fn read(&mut self, label: Option<&str>, shown: &str, behind: &str) {
        let by_itself = match behind.strip_prefix('[') {
            Some(named) => match named.split_once(']') {
                Some((named, _)) if !is_blank(named) => return self.add(named, !is_blank(shown)),
                Some(_) | None => true,
            },
            // An address stands there itself, or what the label stands for.
            None => !behind.starts_with(['(', ':']),
        };
        if let Some(label) = label.filter(|label| by_itself && !is_blank(label)) {
            self.add(label, true);
        }
    }

    fn add(&mut self, label: &str, described: bool) {
        self.0.entry(same(label)).and_modify(|all| *all &= described).or_insert(described);
    }

    /// Whether something is shown by a label, and nothing without a text.
    pub(super) fn describes(&self, label: &str) -> bool {
        self.0.get(&same(label)).copied().unwrap_or(false)
    }
}

/// Labels are the same whatever their case, and however many spaces are between their words.
fn same(label: &str) -> String {
    label.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

fn is_blank(text: &str) -> bool {
    text.chars().all(char::is_whitespace)
}
