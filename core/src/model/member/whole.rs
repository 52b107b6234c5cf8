//! Members that are objects, and lists of objects.
//!
//! Services in PHP write an empty object as `[]` and a list with gaps as an object, since both are one type there.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::{Fault, Member};
use crate::model::object::{Object, ObjectVisitor};
use crate::order::by_number;

/// An object: also one that is written `[]`, and none where `null`, `false` or an empty text is.
impl<T: Object> Member for T {
    const EXPECTED: &'static str = "an object";

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        deserializer.deserialize_any(OptionalVisitor::<ObjectVisitor<T>>(PhantomData))
    }

    fn fault(raw: &RawValue) -> Option<Fault> {
        match raw.get().starts_with('{') {
            true => T::fault_in(raw.get()),
            false => {
                let read = Self::read(&mut serde_json::Deserializer::from_str(raw.get()));
                read.is_err().then(|| Fault::here(raw, Self::EXPECTED))
            }
        }
    }
}

/// A list: also one whose items are the members of an object, under their numbers.
impl<T: Object> Member for Vec<T> {
    const EXPECTED: &'static str = "a list";

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        deserializer.deserialize_any(OptionalVisitor::<ListVisitor<T>>(PhantomData))
    }

    fn fault(raw: &RawValue) -> Option<Fault> {
        let here = || Some(Fault::here(raw, Self::EXPECTED));
        let items: Vec<Box<RawValue>> = match raw.get().as_bytes().first() {
            Some(b'[') => serde_json::from_str(raw.get()).ok()?,
            Some(b'{') => match serde_json::from_str(raw.get()) {
                Ok(Numbered(items)) => items,
                Err(_) => return here(),
            },
            _ => {
                let read = Self::read(&mut serde_json::Deserializer::from_str(raw.get()));
                return read.is_err().then(here).flatten();
            }
        };
        let faults = items.iter().enumerate().filter_map(|(index, item)| {
            let fault = match item.get().as_bytes().first() {
                Some(b'{' | b'[') => T::fault(item)?,
                _ => Fault::here(item, T::EXPECTED),
            };
            Some(fault.below(format_args!("[{index}]")))
        });
        faults.into_iter().next()
    }
}

/// What [`OptionalVisitor`] makes of what is there.
///
/// One visitor for both, whose code is in a module that browsers fetch once.
trait Whole<'de>: Default {
    type Value;

    fn of_map<A: MapAccess<'de>>(map: A) -> Result<Self::Value, A::Error>;
    fn of_seq<A: SeqAccess<'de>>(seq: A) -> Result<Self::Value, A::Error>;
}

/// Takes `null`, `false` and an empty text for nothing.
struct OptionalVisitor<W>(PhantomData<W>);

impl<'de, W: Whole<'de>> Visitor<'de> for OptionalVisitor<W> {
    type Value = Option<W::Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or a list")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        W::of_map(map).map(Some)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
        W::of_seq(seq).map(Some)
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<Self::Value, E> {
        match truth {
            false => Ok(None),
            true => Err(E::custom("true is no object")),
        }
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        match text.trim().is_empty() {
            true => Ok(None),
            false => Err(E::custom("a text is no object")),
        }
    }
}

impl<T> Default for ObjectVisitor<T> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<'de, T: Object> Whole<'de> for ObjectVisitor<T> {
    type Value = T;

    fn of_map<A: MapAccess<'de>>(map: A) -> Result<T, A::Error> {
        T::read_members(map)
    }

    fn of_seq<A: SeqAccess<'de>>(seq: A) -> Result<T, A::Error> {
        ObjectVisitor(PhantomData).visit_seq(seq)
    }
}

struct ListVisitor<T>(PhantomData<T>);

impl<T> Default for ListVisitor<T> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<'de, T: Object> Whole<'de> for ListVisitor<T> {
    type Value = Vec<T>;

    fn of_map<A: MapAccess<'de>>(map: A) -> Result<Vec<T>, A::Error> {
        numbered(map)
    }

    fn of_seq<A: SeqAccess<'de>>(mut seq: A) -> Result<Vec<T>, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(items)
    }
}

/// The members of an object under their numbers, in the order of these.
///
/// A number that is there twice is refused: which of the two is meant cannot be said. `1` and `01` are one number.
fn numbered<'de, T: Deserialize<'de>, A: MapAccess<'de>>(mut map: A) -> Result<Vec<T>, A::Error> {
    let (mut numbers, mut items) = (Vec::new(), Vec::new());
    while let Some(key) = map.next_key::<String>()? {
        let number: u64 = key.parse().map_err(|_| A::Error::custom("a member is no number"))?;
        numbers.push(number);
        items.push(Some(map.next_value()?));
    }
    let places = distinct(numbers).ok_or_else(|| A::Error::custom("a number is there twice"))?;
    let mut take = |place: usize| items.get_mut(place)?.take();
    Ok(places.into_iter().filter_map(|(_, place)| take(place)).collect())
}

/// The numbers in their order, with their places; none when one is there twice.
fn distinct(numbers: Vec<u64>) -> Option<Vec<(u64, usize)>> {
    let places = by_number(numbers);
    let twice = places.array_windows().any(|[(one, _), (next, _)]| one == next);
    (!twice).then_some(places)
}

/// The same list, unread, to find which of its items is at fault.
struct Numbered(Vec<Box<RawValue>>);

impl<'de> Deserialize<'de> for Numbered {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(NumberedVisitor).map(Self)
    }
}

struct NumberedVisitor;

impl<'de> Visitor<'de> for NumberedVisitor {
    type Value = Vec<Box<RawValue>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        numbered(map)
    }
}
