//! Texts with choices in them: `{a|b|c}`, nestable. A brace or bar behind a backslash is itself.

/// How deep choices may be nested.
const MAX_DEPTH: usize = 20;

/// One of the texts that `text` stands for; `pick(n)` answers a number below `n`. Braces that do not pair are kept as
/// they stand, as an operator who wrote them saw them.
pub fn spin(text: &str, pick: &mut dyn FnMut(usize) -> usize) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::new();
    let mut at = 0;
    while at < chars.len() {
        at = piece(&chars, at, &mut out, pick, 0);
    }
    out
}

/// Takes one character or one whole choice; answers where the next one begins.
fn piece(
    chars: &[char],
    at: usize,
    out: &mut String,
    pick: &mut dyn FnMut(usize) -> usize,
    depth: usize,
) -> usize {
    match chars[at] {
        '\\' if matches!(chars.get(at + 1), Some('{' | '}' | '|' | '\\')) => {
            out.push(chars[at + 1]);
            at + 2
        }
        '{' if depth < MAX_DEPTH => {
            let Some((options, end)) = options(chars, at) else {
                out.push('{');
                return at + 1;
            };
            let (from, to) = options[pick(options.len()).min(options.len() - 1)];
            let mut inner = from;
            while inner < to {
                inner = piece(&chars[..to], inner, out, pick, depth + 1);
            }
            end + 1
        }
        c => {
            out.push(c);
            at + 1
        }
    }
}

/// The options of the choice that opens at `open`, as ranges, and where it closes.
fn options(chars: &[char], open: usize) -> Option<(Vec<(usize, usize)>, usize)> {
    let mut options = Vec::new();
    let (mut depth, mut from, mut at) = (0, open + 1, open + 1);
    while at < chars.len() {
        match chars[at] {
            '\\' => at += 1,
            '{' => depth += 1,
            '}' if depth == 0 => {
                options.push((from, at));
                return Some((options, at));
            }
            '}' => depth -= 1,
            '|' if depth == 0 => {
                options.push((from, at));
                from = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn first(text: &str) -> String {
        spin(text, &mut |_| 0)
    }

    fn last(text: &str) -> String {
        spin(text, &mut |count| count - 1)
    }

    #[test]
    fn one_of_the_options_is_chosen_also_inside_one_another() {
        assert_eq!(first("{Hi|Hello} {you|{my|dear} friend}!"), "Hi you!");
        assert_eq!(last("{Hi|Hello} {you|{my|dear} friend}!"), "Hello dear friend!");
        assert_eq!(last("{a|}b"), "b", "an empty option is one too");
    }

    #[test]
    fn what_is_no_choice_stays_as_it_is() {
        assert_eq!(first("a { b | c"), "a { b | c");
        assert_eq!(first("a } b"), "a } b");
        assert_eq!(first(r"\{a\|b\} \\"), r"{a|b} \");
        assert_eq!(first("a|b"), "a|b");
    }

    proptest! {
        #[test]
        fn any_text_ends(text in "[{}|\\\\a ]{0,60}", pick in 0_usize..9) {
            let _ = spin(&text, &mut |count| pick % count);
        }
    }
}
