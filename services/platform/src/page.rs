//! Pages (分页, AIP-158): keyset order, opaque tokens that belong to one query.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use wenxiao_contract::wenxiao::common::v1::ErrorReason;

use crate::failure::{Failure, Result};

const DEFAULT_SIZE: i32 = 50;
const LARGEST_SIZE: i32 = 1000;

/// Which page of which query is asked for.
#[derive(Clone, Debug)]
pub struct Page {
    size: usize,
    query: String,
    /// Sort key of the last row of the page before: the list goes on after it. `None` on the first page.
    pub after: Option<Vec<String>>,
}

#[derive(Serialize, Deserialize)]
struct Token {
    v: u8,
    q: String,
    k: Vec<String>,
}

impl Page {
    /// Reads `page_size` and `page_token` of a list request. `query` is everything else that decides which rows come
    /// in which order: method, parent and filters. A token of another query is refused.
    pub fn of(page_size: i32, page_token: &str, query: &[&dyn std::fmt::Display]) -> Result<Self> {
        let mut hash = Sha256::new();
        for part in query {
            let text = part.to_string();
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text);
        }
        let query = URL_SAFE_NO_PAD.encode(&hash.finalize()[..12]);
        let size = if page_size <= 0 { DEFAULT_SIZE } else { page_size.min(LARGEST_SIZE) };
        let size = usize::try_from(size).unwrap_or(1);
        if page_token.is_empty() {
            return Ok(Self { size, query, after: None });
        }
        let token = URL_SAFE_NO_PAD.decode(page_token).ok();
        let token = token.and_then(|bytes| serde_json::from_slice::<Token>(&bytes).ok());
        match token {
            Some(Token { v: 1, q, k }) if q == query => Ok(Self { size, query, after: Some(k) }),
            _ => Err(Failure::new(
                tonic::Code::InvalidArgument,
                ErrorReason::InvalidPageToken,
                "分页标记无效，或属于另一个查询",
                "the page token is not valid, or belongs to another query",
            )),
        }
    }

    /// How many rows the page holds.
    pub fn size(&self) -> i64 {
        i64::try_from(self.size).unwrap_or(i64::MAX)
    }

    /// How many rows to fetch: one more than the page holds tells whether there is another.
    pub fn limit(&self) -> i64 {
        self.size().saturating_add(1)
    }

    /// The sort key's part `index` of the row before, or `None` on the first page.
    pub fn key(&self, index: usize) -> Option<&str> {
        self.after.as_ref().and_then(|keys| keys.get(index)).map(String::as_str)
    }

    /// Cuts the rows to the page and makes the token of the next one, empty on the last. `key` is the sort key of a
    /// row, in the order of the query's ORDER BY.
    pub fn cut<T>(&self, rows: Vec<T>, key: impl Fn(&T) -> Vec<String>) -> (Vec<T>, String) {
        let more = rows.len() > self.size;
        self.cut_before(rows, more, key)
    }

    /// As [`Page::cut`], for rows of which fewer may have come than there are: `more` says whether another follows.
    pub fn cut_before<T>(
        &self,
        mut rows: Vec<T>,
        more: bool,
        key: impl Fn(&T) -> Vec<String>,
    ) -> (Vec<T>, String) {
        rows.truncate(self.size);
        if !more {
            return (rows, String::new());
        }
        let keys = rows.last().map(key).unwrap_or_default();
        let token = Token { v: 1, q: self.query.clone(), k: keys };
        let token = serde_json::to_vec(&token).map(|bytes| URL_SAFE_NO_PAD.encode(bytes));
        (rows, token.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_each_other_and_stay_with_their_query() {
        let first = Page::of(2, "", &[&"units", &2020]).unwrap();
        assert_eq!(first.limit(), 3);
        let (rows, token) = first.cut(vec![1, 2, 3], |row| vec![row.to_string()]);
        assert_eq!(rows, [1, 2]);
        let second = Page::of(2, &token, &[&"units", &2020]).unwrap();
        assert_eq!(second.key(0), Some("2"));
        assert_eq!(second.cut(vec![3], |row| vec![row.to_string()]).1, "");
        for foreign in [Page::of(2, &token, &[&"units", &2021]), Page::of(2, "garbage!", &[&"units", &2020])]
        {
            assert_eq!(foreign.unwrap_err().reason(), ErrorReason::InvalidPageToken);
        }
    }
}
