//! Drawing at random (随机抽取) so that anybody can repeat it: whoever has the seed and the candidates sorts them by a
//! hash and takes the first ones.

use sha2::{Digest, Sha256};

/// The drawn ones of `candidates`: the `count` first by SHA-256 of `seed:candidate`, in hexadecimal. Fewer when there
/// are no more.
pub fn draw(candidates: &[String], count: usize, seed: i64) -> Vec<String> {
    let rank = |candidate: &String| hex::encode(Sha256::digest(format!("{seed}:{candidate}")));
    let mut ranked: Vec<(String, &String)> =
        candidates.iter().map(|candidate| (rank(candidate), candidate)).collect();
    ranked.sort();
    ranked.into_iter().take(count).map(|(_, candidate)| candidate.clone()).collect()
}
