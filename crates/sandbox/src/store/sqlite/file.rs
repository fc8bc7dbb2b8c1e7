//! Opens the data file: refuses another program's, creates a new one, makes it private to its owner.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::Path,
};

use rusqlite::{Connection, TransactionBehavior, config::DbConfig};

use super::migrations::{check_marks, identify, transaction};

const NO_DATABASE: &str = "it is not a SQLite database; it was left as it is";

/// Opens or creates the file, if it is this server's or empty, and makes it private to its owner.
pub(super) fn open_file(path: &Path) -> Result<Connection, String> {
    check_file_header(path)?;
    create_private(path).map_err(|error| error.to_string())?;
    let connection = Connection::open(path).map_err(|error| error.to_string())?;
    // Another program's write-ahead log must not reach its file when this connection closes.
    let keep_wal = |on| {
        connection
            .set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, on)
            .map_err(|error| error.to_string())
    };
    keep_wal(true)?;
    // One transaction, so that all is read of one moment. Unlike the header, this also reads what is
    // still in a write-ahead log.
    identify(&transaction(&connection, TransactionBehavior::Deferred)?)?;
    keep_wal(false)?;
    restrict_to_owner(path).map_err(|error| error.to_string())?;
    Ok(connection)
}

/// Refuses a file by its first bytes, without SQLite, which writes to some files that it only reads
/// (<https://www.sqlite.org/fileformat.html>).
fn check_file_header(path: &Path) -> Result<(), String> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error.to_string()),
    };
    let mut header = Vec::new();
    file.by_ref().take(108).read_to_end(&mut header).map_err(|error| error.to_string())?;
    if header.is_empty() {
        return Ok(());
    }
    let header: [u8; 108] = header.try_into().map_err(|_| NO_DATABASE)?;
    if !header.starts_with(b"SQLite format 3\0") {
        return Err(NO_DATABASE.to_owned());
    }
    let number = |offset: usize| {
        header.get(offset..).and_then(|rest| rest.first_chunk()).map_or(0, |&bytes| i32::from_be_bytes(bytes))
    };
    // The first page lists the tables: a leaf page without cells lists none.
    let is_empty = header.get(100) == Some(&13) && header.get(103..105) == Some(&[0, 0]);
    check_marks(number(68), number(60), is_empty)
}

/// Creates a new file readable by its owner only, before SQLite writes to it.
fn create_private(path: &Path) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// Makes an existing file, and the files that SQLite keeps beside it, readable by their owner only.
#[cfg(unix)]
fn restrict_to_owner(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    for suffix in ["", "-wal", "-shm", "-journal"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        match fs::metadata(&name) {
            Ok(file) if file.permissions().mode() & 0o077 == 0 => {}
            Ok(_) => fs::set_permissions(&name, fs::Permissions::from_mode(0o600))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(not(unix))]
fn restrict_to_owner(_: &Path) -> io::Result<()> {
    Ok(())
}
