//! Lists in pages.

/// Entries of a page where the caller does not say.
const USUAL: usize = 50;

/// One page of a list that is in memory, and where the next one begins.
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    pub(super) next_cursor: Option<String>,
}

/// The page after `cursor`. `name` gives what an entry is ordered by and, on the page before, was the cursor.
pub(super) fn page<T>(
    mut entries: Vec<T>,
    name: impl Fn(&T) -> String,
    cursor: Option<&str>,
    limit: Option<u16>,
) -> Page<T> {
    entries.sort_by_cached_key(&name);
    let begin = cursor.map_or(0, |cursor| entries.partition_point(|entry| name(entry).as_str() <= cursor));
    cut(entries.split_off(begin), name, limit)
}

/// The first entries of those that remain.
pub(super) fn cut<T>(mut entries: Vec<T>, name: impl Fn(&T) -> String, limit: Option<u16>) -> Page<T> {
    let length = length(limit);
    let more = entries.len() > length;
    entries.truncate(length);
    let next_cursor = entries.last().filter(|_| more).map(name);
    Page { items: entries, next_cursor }
}

/// Entries of a page.
pub(super) fn length(limit: Option<u16>) -> usize {
    limit.map_or(USUAL, usize::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_each_other_without_gaps_or_repeats() {
        let names = || vec!["d".to_owned(), "b".to_owned(), "a".to_owned(), "e".to_owned(), "c".to_owned()];
        let (mut cursor, mut seen) = (None, vec![]);
        loop {
            let page = page(names(), Clone::clone, cursor.as_deref(), Some(2));
            seen.push(page.items);
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(seen, [vec!["a", "b"], vec!["c", "d"], vec!["e"]]);
    }

    #[test]
    fn a_full_last_page_says_that_it_is_the_last() {
        let entries = vec!["a".to_owned(), "b".to_owned()];
        assert_eq!(page(entries, Clone::clone, None, Some(2)).next_cursor, None);
    }

    #[test]
    fn the_entry_of_the_cursor_may_be_gone() {
        let page = page(vec!["a".to_owned(), "c".to_owned()], Clone::clone, Some("b"), None);
        assert_eq!(page.items, ["c"]);
    }
}
