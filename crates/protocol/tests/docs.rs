//! The documentation's table of codes is the code's own.

use perse_protocol::Code;
use std::fmt::Write;

#[test]
fn the_documentation_lists_every_code() {
    let mut table = String::from("| code | HTTP | message |\n| --- | --- | --- |\n");
    for code in Code::ALL {
        let status = code.http_status().map_or_else(|| "–".to_owned(), |status| status.to_string());
        writeln!(table, "| `{}` | {status} | {} |", code.as_str(), code.message()).unwrap();
    }
    assert!(
        include_str!("../../../docs/errors.md").contains(&table),
        "docs/errors.md should hold this:\n\n{table}"
    );
}
