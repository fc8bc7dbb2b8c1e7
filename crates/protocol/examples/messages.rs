//! Prints every code's messages as JSON, `{"code": ["English", "Portuguese", "Spanish"]}`, for the
//! facade's build.

use perse_protocol::{Code, Language};
use std::collections::BTreeMap;

fn main() {
    let messages: BTreeMap<_, _> = Code::ALL
        .iter()
        .map(|code| (code.as_str(), Language::ALL.map(|language| code.message_in(language))))
        .collect();
    println!("{}", serde_json::json!(messages));
}
