//! The commands on the store: keys of accounts, users, encryption.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// A folder with a data file, removed when the test is over.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("perse-sandbox-commands-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    fn run(&self, arguments: &[&str]) -> Output {
        run(Some(&self.0.join("users.sqlite")), arguments)
    }

    /// Output of a command that succeeds.
    #[track_caller]
    fn prints(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Errors of a command that fails.
    #[track_caller]
    fn refuses(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(!output.status.success() && output.stdout.is_empty(), "{output:?}");
        String::from_utf8(output.stderr).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn run(data: Option<&Path>, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_perse-sandbox"));
    command.env_remove("DATABASE_URL").args(arguments);
    if let Some(data) = data {
        command.arg("--data").arg(data);
    }
    command.output().unwrap()
}

#[test]
fn keys_are_added_listed_and_revoked() {
    let folder = Folder::new();
    assert_eq!(folder.prints(&["keys", "list"]), "");
    let output = folder.run(&["keys", "add", "--account", "shop"]);
    let key = String::from_utf8(output.stdout).unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        key.len() == 65 && key.trim().bytes().all(|byte| byte.is_ascii_hexdigit()),
        "{} characters",
        key.len()
    );
    assert!(said.contains("account shop") && !said.contains(key.trim()), "{said}");
    let list = folder.prints(&["keys", "list"]);
    let [id, account, created, state] = list.trim().split('\t').collect::<Vec<_>>()[..] else {
        panic!("{list}")
    };
    assert_eq!((account, state), ("shop", "active"));
    assert!(created.starts_with("20") && created.ends_with('Z') && !list.contains(key.trim()), "{list}");
    assert!(folder.prints(&["keys", "revoke", id]).contains("opens nothing"));
    assert!(folder.prints(&["keys", "list"]).trim().ends_with("revoked"));
    assert!(folder.refuses(&["keys", "revoke", id]).contains("keys list"));
    assert!(folder.refuses(&["keys", "add", "--account", "My Shop"]).contains("a to z"));
    assert!(folder.refuses(&["keys", "add"]).contains("--account"));
    let nowhere = run(None, &["keys", "list"]);
    assert!(!nowhere.status.success());
    assert!(String::from_utf8(nowhere.stderr).unwrap().contains("--data"));
}

#[test]
fn data_keys_come_from_a_file_and_mistakes_are_named() {
    let folder = Folder::new();
    let right = folder.write("key", &format!("{}\n{}\n", "1".repeat(64), "2".repeat(64)));
    let right = right.to_str().unwrap();
    assert_eq!(
        folder.prints(&["users", "reencrypt", "--data-key-file", right]),
        "0 faces were encrypted with the first data key.\n"
    );
    assert_eq!(folder.prints(&["users", "reencrypt"]), "0 faces were decrypted.\n");
    assert_eq!(folder.prints(&["users", "reenrol"]), "");
    let secret = "f".repeat(63);
    let wrong = folder.write("wrong", &secret);
    let said = folder.refuses(&["users", "reencrypt", "--data-key-file", wrong.to_str().unwrap()]);
    assert!(said.contains("64 hexadecimal digits") && !said.contains(&secret), "{said}");
    let said = folder.refuses(&["users", "reencrypt", "--data-key", &secret]);
    assert!(said.contains("64 hexadecimal digits") && !said.contains(&secret), "{said}");
    let empty = folder.write("empty", "\n");
    assert!(
        folder
            .refuses(&["users", "reencrypt", "--data-key-file", empty.to_str().unwrap()])
            .contains("no key")
    );
}

#[test]
fn a_database_comes_from_a_file_or_the_usual_variable() {
    let folder = Folder::new();
    // Port 1 refuses; that it is asked shows which address was taken.
    let url = folder.write("url", "postgres://me:geheim@127.0.0.1:1/x\n");
    let said = |command: &mut Command| {
        let output = command.env_remove("DATABASE_URL").args(["keys", "list"]).output().unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    let command = || Command::new(env!("CARGO_BIN_EXE_perse-sandbox"));
    let from_file = said(command().arg("--database-url-file").arg(&url));
    assert!(from_file.contains("PostgreSQL") && !from_file.contains("geheim"), "{from_file}");
    let output =
        command().env("DATABASE_URL", "postgres://127.0.0.1:1/x").args(["keys", "list"]).output().unwrap();
    assert!(String::from_utf8(output.stderr).unwrap().contains("PostgreSQL"));
    // Another program's database is not a file of that name.
    let output = command().env("DATABASE_URL", "mysql://db/x").args(["keys", "list"]).output().unwrap();
    assert!(String::from_utf8(output.stderr).unwrap().contains("--data"));
    let path = folder.write("path", "/data/users.sqlite");
    assert!(said(command().arg("--database-url-file").arg(&path)).contains("no postgres:// URL"));
}
