//! Reads parsed JSON into response types: JavaScript values in the browser, `serde_json` values in tests.
//!
//! The core does not use serde for this: its visitors took 6 kB (gzip).

/// A parsed JSON value.
pub trait Json: Sized {
    /// Returns the value of a key; `null` for a missing key or another type.
    fn get(&self, key: &str) -> Self;
    /// Returns whether the value is `null` or `undefined`.
    fn is_null(&self) -> bool;
    /// Returns the value as a boolean.
    fn boolean(&self) -> Option<bool>;
    /// Returns the value as a number.
    fn number(&self) -> Option<f64>;
    /// Returns the value as a string.
    fn text(&self) -> Option<String>;
    /// Returns the value as the elements of an array.
    fn elements(&self) -> Option<Vec<Self>>;

    /// Reads the value of a key; `None` if it is of another type.
    fn field<T: Read>(&self, key: &str) -> Option<T> {
        T::read(&self.get(key))
    }
}

/// A type that can be read from JSON.
pub trait Read: Sized {
    /// Reads a value; `None` if it is of another type. Unknown keys are ignored.
    fn read(json: &impl Json) -> Option<Self>;
}

impl Read for f64 {
    /// Refuses an infinite number, which a JSON parser makes of one that is too large.
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
    /// Reads `null` like a missing key.
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
