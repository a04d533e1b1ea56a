//! What `/metrics` shows.

use super::TestApp;

impl TestApp {
    /// A count or a sum of counts, by its name and labels as the page shows them; 0 while it is not there.
    pub(crate) fn metric(&self, name: &str) -> u64 {
        let page = self.service().parts().metrics.render().unwrap();
        let count = page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        count.map_or(0, |count| count.trim_end_matches(".0").parse().unwrap())
    }
}
