//! Names of the wire in the form that JavaScript reads.

/// `snake_case` to `camelCase`: `face_metrics` → `faceMetrics`. Only a single `_`
/// between letters or digits counts; any other key stays as it is.
#[must_use]
pub fn camel_case(key: &str) -> String {
    let mut camel = String::with_capacity(key.len());
    let mut chars = key.chars().peekable();
    while let Some(char) = chars.next() {
        let after_word = camel.ends_with(|last: char| last.is_ascii_alphanumeric());
        match chars.next_if(|next| char == '_' && after_word && next.is_ascii_alphanumeric()) {
            Some(next) => camel.push(next.to_ascii_uppercase()),
            None => camel.push(char),
        }
    }
    camel
}

#[cfg(test)]
mod tests {
    use super::camel_case;

    #[test]
    fn renames_what_is_snake_case_and_nothing_else() {
        for (key, expected) in [
            ("total_faces", "totalFaces"),
            ("default_thresholds", "defaultThresholds"),
            ("a_b_c", "aBC"),
            ("faces", "faces"),
            ("alreadyCamel", "alreadyCamel"),
            ("_private", "_private"),
            ("trailing_", "trailing_"),
            ("double__underscore", "double__underscore"),
            ("__proto__", "__proto__"),
            ("", ""),
            ("ção_é", "ção_é"),
        ] {
            assert_eq!(camel_case(key), expected);
        }
    }
}
