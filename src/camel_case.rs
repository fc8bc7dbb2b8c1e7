//! Converts the keys of the wire to those of JavaScript.

/// Converts `snake_case` to `camelCase`: `face_metrics` → `faceMetrics`. Only a single `_` between
/// letters or digits is removed; any other key stays the same.
#[must_use]
pub fn camel_case(key: &str) -> String {
    let is_word = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = key.as_bytes();
    let mut camel = Vec::with_capacity(bytes.len());
    let mut begins_word = false;
    for (at, &byte) in bytes.iter().enumerate() {
        if byte == b'_' && is_word(camel.last()) && is_word(bytes.get(at + 1)) {
            begins_word = true;
        } else {
            camel.push(if begins_word { byte.to_ascii_uppercase() } else { byte });
            begins_word = false;
        }
    }
    // Only ASCII bytes were changed, so the text is still UTF-8.
    String::from_utf8(camel).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::camel_case;

    #[test]
    fn only_snake_case_keys_are_renamed() {
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
