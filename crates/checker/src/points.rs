//! Points that weigh by their days, and the words of titles: `docs/ranks.md`. Sums of points are whole numbers of any
//! size, which are told as text.

/// What each of ten days weighs; the next ten weigh ten times as much.
const TENTHS: [u64; 10] = [1_000, 1_259, 1_585, 1_995, 2_512, 3_162, 3_981, 5_012, 6_310, 7_943];
/// The first day of 2026, in days since 1970.
const FIRST_DAY: i64 = 20_454;
/// The last day that weighs more than those before it, counted from that.
const LAST_AGE: i64 = 36_524;

/// What so many points weigh that were given at a time, in milliseconds since 1970, in digits.
pub(crate) fn weighed(points: u64, at: i64) -> String {
    let age = (at.div_euclid(86_400_000) - FIRST_DAY).clamp(0, LAST_AGE);
    let age = usize::try_from(age).unwrap_or_default();
    format!("{}{}", points * TENTHS[age % 10], "0".repeat(age / 10))
}

/// The sum of two numbers in digits.
pub(crate) fn sum(one: &str, other: &str) -> String {
    let digits = |text: &str| text.bytes().rev().map(|digit| digit - b'0').collect::<Vec<u8>>();
    let (one, other) = (digits(one), digits(other));
    let (mut carry, mut sum) = (0, Vec::new());
    for place in 0..one.len().max(other.len()) {
        let digit = |of: &[u8]| of.get(place).copied().unwrap_or(0);
        let both = digit(&one) + digit(&other) + carry;
        sum.push(b'0' + both % 10);
        carry = both / 10;
    }
    if carry > 0 {
        sum.push(b'0' + carry);
    }
    sum.into_iter().rev().map(char::from).collect()
}

/// The words of a title that count: the first sixteen of 3 to 40 letters and digits, each once.
pub(crate) fn words(title: &str) -> Vec<String> {
    let lower = title.to_lowercase();
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    for character in lower.chars().chain([' ']) {
        if character.is_alphanumeric() {
            word.push(character);
            continue;
        }
        let found = std::mem::take(&mut word);
        if (3..=40).contains(&found.chars().count()) && words.len() < 16 && !words.contains(&found) {
            words.push(found);
        }
    }
    words
}

#[cfg(test)]
mod tests;
