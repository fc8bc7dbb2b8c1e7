//! Reads JSON into an answer's type, by serde, wherever the parsed JSON lives: in the browser as a
//! JavaScript value, in native tests as `serde_json`'s.
//!
//! `serde-wasm-bindgen` does the same with a sentence for each mismatch, which links the formatting
//! of every number type: 17 KB of the core that no page would ever see.

use serde::{
    Deserializer,
    de::{
        self, DeserializeOwned, IntoDeserializer, Visitor,
        value::{MapDeserializer, SeqDeserializer},
    },
    forward_to_deserialize_any,
};
use std::fmt;

/// The value is not of the type asked for.
#[derive(Debug)]
pub struct Mismatch;

impl fmt::Display for Mismatch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("mismatch")
    }
}

impl std::error::Error for Mismatch {}

impl de::Error for Mismatch {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

/// A parsed JSON value.
pub trait Json: Sized {
    /// What it is, one level deep.
    fn view(self) -> View<Self>;
}

/// What a JSON value is.
pub enum View<J> {
    /// `null`, or nothing that JSON knows.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A number.
    Number(f64),
    /// A string.
    Text(String),
    /// The elements of an array.
    Array(Vec<J>),
    /// The entries of an object.
    Object(Vec<(String, J)>),
}

/// Reads a value; fields that the type does not have are passed over, however deep they are.
///
/// # Errors
/// [`Mismatch`], when the value is not of the type.
pub fn read<T: DeserializeOwned>(value: impl Json) -> Result<T, Mismatch> {
    T::deserialize(Value(value))
}

struct Value<J>(J);

impl<'de, J: Json> Deserializer<'de> for Value<J> {
    type Error = Mismatch;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        Viewed(self.0.view()).deserialize_any(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match self.0.view() {
            View::Null => visitor.visit_none(),
            view => visitor.visit_some(Viewed(view)),
        }
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match self.0.view() {
            View::Number(number)
                if number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&number) =>
            {
                visitor.visit_u32(number as u32)
            }
            _ => Err(Mismatch),
        }
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match self.0.view() {
            // A number too large for its type is read as infinite, and no answer means that.
            View::Number(number) if number.is_finite() => visitor.visit_f64(number),
            _ => Err(Mismatch),
        }
    }

    /// Whatever it is, however deep: nobody looks at it.
    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u64 u128 f32 char str string bytes byte_buf unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier
    }
}

impl<J: Json> IntoDeserializer<'_, Mismatch> for Value<J> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// A value that has been looked at.
struct Viewed<J>(View<J>);

impl<'de, J: Json> Deserializer<'de> for Viewed<J> {
    type Error = Mismatch;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match self.0 {
            View::Null => visitor.visit_unit(),
            View::Boolean(boolean) => visitor.visit_bool(boolean),
            View::Number(number) if number.is_finite() => visitor.visit_f64(number),
            View::Number(_) => Err(Mismatch),
            View::Text(text) => visitor.visit_string(text),
            View::Array(elements) => visitor.visit_seq(SeqDeserializer::new(elements.into_iter().map(Value))),
            View::Object(entries) => visitor
                .visit_map(MapDeserializer::new(entries.into_iter().map(|(key, value)| (key, Value(value))))),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

#[cfg(target_arch = "wasm32")]
mod javascript {
    use super::{Json, View};
    use js_sys::{Array, Object};
    use wasm_bindgen::{JsCast, JsValue};

    impl Json for JsValue {
        #[inline(never)]
        fn view(self) -> View<Self> {
            if let Some(boolean) = self.as_bool() {
                View::Boolean(boolean)
            } else if let Some(number) = self.as_f64() {
                View::Number(number)
            } else if let Some(text) = self.as_string() {
                View::Text(text)
            } else if let Some(array) = self.dyn_ref::<Array>() {
                View::Array(array.iter().collect())
            } else if let Some(object) = self.dyn_ref::<Object>() {
                let entry = |entry: JsValue| {
                    let entry: Array = entry.unchecked_into();
                    (entry.get(0).as_string().unwrap_or_default(), entry.get(1))
                };
                View::Object(Object::entries(object).iter().map(entry).collect())
            } else {
                View::Null
            }
        }
    }
}
