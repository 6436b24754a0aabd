//! What the provider is answered when somebody writes.

/// Nothing to say at once: replies are messages of their own, paced and paid for like any other.
pub const NOTHING: &str = "<Response/>";

#[cfg(test)]
mod tests {
    #[test]
    fn the_answer_is_one_empty_element() {
        assert_eq!(super::NOTHING, "<Response/>");
    }
}
