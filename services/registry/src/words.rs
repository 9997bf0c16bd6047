//! Cutting Chinese text into words (分词), the same way when an indicator is written and when one is sought.

use std::collections::HashSet;
use std::sync::LazyLock;

use jieba_rs::Jieba;

/// Words that say nothing about what a project does: 项目, 经费.
static NOISE: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("../data/noise-words.txt").lines().collect());

/// The dictionary, loaded once per process when the first text is cut.
static DICTIONARY: LazyLock<Jieba> = LazyLock::new(Jieba::new);

/// Words at the most that one text gives: longer texts repeat themselves.
const LIMIT: usize = 200;

/// The words of a text, each once, in the order in which they first stand. A long word gives its parts too, so that
/// 生活垃圾 is found by 垃圾. Single characters, numbers and noise words are left out.
pub fn words(text: &str) -> Vec<String> {
    let text = text.to_lowercase();
    let mut seen = HashSet::new();
    let cut = DICTIONARY.cut_for_search(&text, true);
    let telling = cut.into_iter().map(|token| token.word).filter(|word| tells(word) && seen.insert(*word));
    telling.take(LIMIT).map(str::to_owned).collect()
}

fn tells(word: &str) -> bool {
    word.chars().nth(1).is_some()
        && word.chars().all(char::is_alphanumeric)
        && word.chars().any(char::is_alphabetic)
        && !NOISE.contains(word)
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn long_words_give_their_parts_and_noise_gives_nothing() {
        let cut = words("2020年农村生活垃圾分类专项经费");
        for word in ["农村", "生活", "垃圾", "分类"] {
            assert!(cut.iter().any(|one| one == word), "{word} in {cut:?}");
        }
        for word in ["经费", "专项", "2020", "年"] {
            assert!(cut.iter().all(|one| one != word), "{word} in {cut:?}");
        }
        assert_eq!(words("，。！ 2020 的"), Vec::<String>::new());
        assert_eq!(words("垃圾垃圾"), ["垃圾"]);
    }
}
