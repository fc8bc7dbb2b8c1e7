//! Reads parsed JSON into the type of an answer, wherever the JSON lives: in the browser as a JavaScript
//! value, in native tests as `serde_json`'s.
//!
//! The SDK's core cannot afford `serde` for it: a visitor for each type took 6 kB (gzip) of it.

/// A parsed JSON value.
pub trait Json: Sized {
    /// The value of a key; a `null` where this is no object or does not have it.
    fn get(&self, key: &str) -> Self;
    /// Whether it is `null`, or nothing that JSON knows.
    fn is_null(&self) -> bool;
    /// Returns the boolean that it is.
    fn boolean(&self) -> Option<bool>;
    /// Returns the number that it is.
    fn number(&self) -> Option<f64>;
    /// The string that it is.
    fn text(&self) -> Option<String>;
    /// The elements of the array that it is.
    fn elements(&self) -> Option<Vec<Self>>;

    /// The value of a key as a type; `None` where it is not of that type.
    fn field<T: Read>(&self, key: &str) -> Option<T> {
        T::read(&self.get(key))
    }
}

/// A type that is read from JSON.
pub trait Read: Sized {
    /// Reads a value; `None` where it is not of this type. Keys that the type does not have are passed
    /// over, however deep their values are.
    fn read(json: &impl Json) -> Option<Self>;
}

impl Read for f64 {
    /// A number too large for its type is parsed as infinite, and no answer means that.
    fn read(json: &impl Json) -> Option<Self> {
        json.number().filter(|number| number.is_finite())
    }
}

impl Read for u32 {
    fn read(json: &impl Json) -> Option<Self> {
        let number = json.number()?;
        let whole = number as Self;
        (f64::from(whole) == number).then_some(whole)
    }
}

impl Read for bool {
    fn read(json: &impl Json) -> Option<Self> {
        json.boolean()
    }
}

impl Read for String {
    fn read(json: &impl Json) -> Option<Self> {
        json.text()
    }
}

impl<T: Read> Read for Option<T> {
    /// A `null` says as much as a key that is not there.
    fn read(json: &impl Json) -> Option<Self> {
        if json.is_null() { Some(None) } else { T::read(json).map(Some) }
    }
}

impl<T: Read> Read for Vec<T> {
    fn read(json: &impl Json) -> Option<Self> {
        json.elements()?.iter().map(T::read).collect()
    }
}

impl<T: Read, const LENGTH: usize> Read for [T; LENGTH] {
    fn read(json: &impl Json) -> Option<Self> {
        Vec::read(json)?.try_into().ok()
    }
}
