//! Reading Chinese text of forms: figures with their units, plain text for comparison, likeness of two texts.

use std::collections::HashSet;

use wenxiao_kernel::Decimal;

/// A figure in a text with the unit behind it: 培训干部500人次.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// As it is printed, number and unit: `1.2万人次`.
    pub printed: String,
    /// In the plain unit: 12000.
    pub value: Decimal,
    /// Plain unit, one word for all that mean the same: 人.
    pub unit: String,
    /// The words around it in the same clause.
    pub around: String,
}

/// Units that count as such, and which words mean the same one (`名=人`).
#[derive(Clone, Copy, Debug)]
pub struct Units<'r> {
    /// Units that a figure may have.
    pub known: &'r [String],
    /// Pairs `word=unit`.
    pub synonyms: &'r [String],
}

impl Units<'_> {
    /// A printed unit as factor and plain unit: 万元 is 10000 and 元.
    pub fn plain(&self, unit: &str) -> (Decimal, String) {
        let unit = unit.trim();
        let scales = [('万', 10_000), ('亿', 100_000_000)];
        let scaled = scales.into_iter().find_map(|(word, factor)| {
            unit.strip_prefix(word).filter(|rest| !rest.is_empty()).map(|rest| (Decimal::from(factor), rest))
        });
        let (factor, rest) = scaled.unwrap_or((Decimal::ONE, unit));
        let same = self.synonyms.iter().filter_map(|pair| pair.split_once('='));
        let plain = same.into_iter().find(|(word, _)| *word == rest).map_or(rest, |(_, unit)| unit);
        (factor, plain.to_owned())
    }

    /// A value in its printed unit as value in the plain unit.
    pub fn value(&self, value: Decimal, unit: &str) -> (Decimal, String) {
        let (factor, plain) = self.plain(unit);
        (value.checked_mul(factor).unwrap_or(value), plain)
    }

    /// The unit that a text begins with, the longest that is known.
    fn at_start<'t>(&self, text: &'t str) -> Option<&'t str> {
        let after_scale = text.trim_start_matches(['万', '亿']);
        let same = self.synonyms.iter().filter_map(|pair| pair.split_once('=')).map(|(word, _)| word);
        let known = self.known.iter().map(String::as_str).chain(same);
        let longest = known.filter(|unit| after_scale.starts_with(unit)).max_by_key(|unit| unit.len())?;
        let scale = text.len().saturating_sub(after_scale.len());
        text.get(..scale.saturating_add(longest.len()))
    }

    /// Every figure of a text that has a unit. Years, ordinals and numbers without one are none.
    pub fn figures(&self, text: &str) -> Vec<Figure> {
        let text = half_width(text);
        let mut figures = Vec::new();
        for clause in text.split(is_stop) {
            let mut from = 0;
            while let Some((start, end)) = next_number(clause, from) {
                from = end;
                let rest = clause.get(end..).unwrap_or_default().trim_start_matches(['余', '多', ' ']);
                let digits = clause.get(start..end).unwrap_or_default();
                let ordinal = clause.get(..start).is_some_and(|before| before.ends_with('第'));
                let number: Option<Decimal> = digits.replace(',', "").parse().ok();
                if let (Some(number), Some(unit), false) = (number, self.at_start(rest), ordinal) {
                    let (value, plain) = self.value(number, unit);
                    let after = rest.strip_prefix(unit).unwrap_or_default();
                    let around = format!("{}{after}", clause.get(..start).unwrap_or_default());
                    figures.push(Figure { printed: format!("{digits}{unit}"), value, unit: plain, around });
                }
            }
        }
        figures
    }
}

fn is_stop(c: char) -> bool {
    matches!(c, '，' | '。' | '；' | '、' | ';' | '！' | '\n' | '（' | '）' | '(' | ')' | '：')
}

/// Where the next number of a text lies from a byte on.
fn next_number(text: &str, from: usize) -> Option<(usize, usize)> {
    let start = from.saturating_add(text.get(from..)?.find(|c: char| c.is_ascii_digit())?);
    let rest = text.get(start..)?;
    let length = rest.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ','))).unwrap_or(rest.len());
    Some((start, start.saturating_add(length)))
}

fn half_width(text: &str) -> String {
    let narrow = |c: char| match c {
        '０'..='９' | '％' | '．' => {
            u32::from(c).checked_sub(0xFEE0).and_then(char::from_u32).unwrap_or(c)
        }
        '　' => ' ',
        other => other,
    };
    text.chars().map(narrow).collect()
}

/// Years that a text names (2020年), with whether a year of budget is meant (2020年度).
pub fn years(text: &str) -> Vec<(i32, bool)> {
    let text = half_width(text);
    let mut found = Vec::new();
    let mut from = 0;
    while let Some((start, end)) = next_number(&text, from) {
        from = end;
        let digits = text.get(start..end).unwrap_or_default();
        let rest = text.get(end..).unwrap_or_default();
        let year = digits.parse().ok().filter(|year| (1950..2100).contains(year) && digits.len() == 4);
        if let (Some(year), Some(after)) = (year, rest.strip_prefix('年')) {
            found.push((year, after.starts_with('度')));
        }
    }
    found
}

/// What remains of a text without spaces and punctuation, in half width and small letters.
pub fn plain(text: &str) -> String {
    half_width(text)
        .chars()
        .filter(|c| c.is_alphanumeric() || *c == '%')
        .flat_map(char::to_lowercase)
        .collect()
}

/// What remains without figures as well: two years' texts differ in these only.
pub fn wording(text: &str) -> String {
    plain(text).chars().filter(|c| !c.is_numeric() && *c != '%').collect()
}

/// Share of neighbouring pairs of characters that two plain texts have in common, 0 to 1 with four decimals.
pub fn likeness(one: &str, other: &str) -> Decimal {
    let (one, other) = (pairs(one), pairs(other));
    let common = one.intersection(&other).count();
    let all = one.union(&other).count();
    if all == 0 {
        return Decimal::ZERO;
    }
    let ratio = Decimal::from(common).checked_div(Decimal::from(all)).unwrap_or_default();
    wenxiao_kernel::rounding::half_up(ratio, 4)
}

/// How many neighbouring pairs of characters two texts have in common.
pub fn common_pairs(one: &str, other: &str) -> usize {
    pairs(&wording(one)).intersection(&pairs(&wording(other))).count()
}

fn pairs(text: &str) -> HashSet<(char, char)> {
    text.chars().zip(text.chars().skip(1)).collect()
}

/// Whether a text contains one of the words.
pub fn has(text: &str, words: &[String]) -> bool {
    words.iter().any(|word| text.contains(word.as_str()))
}

/// Whether a text ends in one of the words.
pub fn ends(text: &str, words: &[String]) -> bool {
    words.iter().any(|word| text.trim_end().ends_with(word.as_str()))
}
