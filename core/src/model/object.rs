//! JSON objects of which some members are known: the others are kept, and so is the order of all.
//!
//! A program in the middle of a service and its other clients must lose nothing: a member that it does not know today
//! is one that the vendor added yesterday. So an object remembers all of its members in their order, and writes the
//! known ones from its fields and the others as they came, byte for byte. A member that is there twice refuses the
//! object, because two readers would take different ones (threat model, Z38).

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapDeserializer;
use serde::de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

use super::member::Fault;
use crate::order::sorted;

/// The members that an object had when it was read, in their order.
///
/// For known members only the key is kept: their values are the fields, which a program may have changed.
#[derive(Clone, Default, PartialEq)]
pub(super) struct Members {
    list: Vec<Kept>,
    /// It was written `[]`, as PHP writes an empty object.
    as_array: bool,
}

/// Of a known member whose value could not be read and is only shown, the raw value is kept like an unknown one's.
#[derive(Clone, PartialEq)]
pub(super) enum Kept {
    /// One that the type has a field for.
    Known(&'static str),
    Unknown(String, Unknown),
}

/// A member's value, to the letter.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Unknown(Box<RawValue>);

impl Unknown {
    pub(super) fn raw(&self) -> &RawValue {
        &self.0
    }
}

impl PartialEq for Unknown {
    fn eq(&self, other: &Self) -> bool {
        self.0.get() == other.0.get()
    }
}

impl Kept {
    fn key(&self) -> &str {
        match self {
            Self::Known(key) => key,
            Self::Unknown(key, _) => key,
        }
    }
}

impl Members {
    pub(super) fn push(&mut self, member: Kept) {
        self.list.push(member);
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Kept> {
        self.list.iter()
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.list.iter().any(|member| member.key() == key)
    }

    pub(super) fn as_array(&self) -> bool {
        self.as_array
    }

    /// Refuses a key that is there twice. Sorts, so that a hostile object costs no square of its length.
    pub(super) fn check<E: Error>(&self) -> Result<(), E> {
        let keys: Vec<&str> = sorted(self.list.iter().map(Kept::key));
        match keys.array_windows().find(|[one, next]| one == next) {
            Some([key, _]) => Err(E::custom(format_args!("duplicate field {key:?}"))),
            None => Ok(()),
        }
    }
}

/// Shows the keys only: nobody knows what the other members hold.
impl fmt::Debug for Members {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { list, as_array: _ } = self;
        f.debug_list().entries(list.iter().map(Kept::key)).finish()
    }
}

/// A type that [`json_object`] defines.
///
/// The macro makes all of it from one table, so that reading, writing and faults cannot disagree.
pub(super) trait Object: Sized + for<'de> Deserialize<'de> {
    /// The members that the type knows.
    const KEYS: &'static [&'static str];

    fn read_members<'de, A: MapAccess<'de>>(map: A) -> Result<Self, A::Error>;
    fn members_mut(&mut self) -> &mut Members;
    /// Where the text of an object cannot be read, as far as one of its members is to blame.
    fn fault_in(json: &str) -> Option<Fault>;
}

/// The members of an object, unread: of one that is no more than JSON.
pub(super) struct Unread<'a>(pub(super) Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Unread<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(UnreadVisitor(PhantomData))
    }
}

struct UnreadVisitor<'a>(PhantomData<&'a ()>);

impl<'de: 'a, 'a> Visitor<'de> for UnreadVisitor<'a> {
    type Value = Unread<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Unread<'a>, A::Error> {
        let mut members = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            members.push((key, map.next_value()?));
        }
        Ok(Unread(members))
    }
}

pub(super) struct ObjectVisitor<T>(pub(super) PhantomData<T>);

impl<'de, T: Object> Visitor<'de> for ObjectVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::read_members(map)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<T, A::Error> {
        if seq.next_element::<IgnoredAny>()?.is_some() {
            return Err(A::Error::custom("an array is not an object"));
        }
        let nothing = std::iter::empty::<(&str, &str)>();
        let mut object = T::read_members(MapDeserializer::<_, A::Error>::new(nothing))?;
        object.members_mut().as_array = true;
        Ok(object)
    }
}

/// Defines a type for a JSON object, from its required members, its optional ones, and those that are only shown to
/// people.
///
/// A member that is `null` is `None`, and written as `null` again. Types are read as [`Member`](super::member::Member)
/// says. A member that cannot be read refuses the object; of those that are only shown it is kept as it came, like one
/// that nobody knows.
macro_rules! json_object {
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            required { $($(#[$required_meta:meta])* $required:ident: $required_type:ty = $required_key:literal,)* }
            optional { $($(#[$optional_meta:meta])* $optional:ident: $optional_type:ty = $optional_key:literal,)* }
            shown { $($(#[$shown_meta:meta])* $shown:ident: $shown_type:ty = $shown_key:literal,)* }
        }
    ) => {
        $(#[$meta])*
        pub struct $name {
            $($(#[$required_meta])* pub $required: $required_type,)*
            $($(#[$optional_meta])* pub $optional: Option<$optional_type>,)*
            $($(#[$shown_meta])* pub $shown: Option<$shown_type>,)*
            members: $crate::model::object::Members,
        }

        impl $name {
            /// One that has no other members yet.
            #[must_use]
            pub fn new($($required: $required_type),*) -> Self {
                Self {
                    $($required,)*
                    $($optional: None,)*
                    $($shown: None,)*
                    members: Default::default(),
                }
            }
        }

        impl $crate::model::object::Object for $name {
            const KEYS: &'static [&'static str] = &[$($required_key,)* $($optional_key,)* $($shown_key,)*];

            fn read_members<'de, A: serde::de::MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
                use $crate::model::object::{Kept, Members};
                let mut members = Members::default();
                $(let mut $required: Option<$required_type> = None;)*
                $(let mut $optional: Option<$optional_type> = None;)*
                $(let mut $shown: Option<$shown_type> = None;)*
                while let Some(key) = map.next_key::<String>()? {
                    let member = match key.as_str() {
                        $($required_key => {
                            $required = map.next_value_seed($crate::model::member::ReadExact(std::marker::PhantomData))?;
                            Kept::Known($required_key)
                        })*
                        $($optional_key => {
                            $optional = map.next_value_seed($crate::model::member::Read(std::marker::PhantomData))?;
                            Kept::Known($optional_key)
                        })*
                        $($shown_key => {
                            let unread: $crate::model::object::Unknown = map.next_value()?;
                            match <$shown_type as $crate::model::member::Member>::read_shown(unread.raw()) {
                                Some(shown) => {
                                    $shown = shown;
                                    Kept::Known($shown_key)
                                }
                                None => Kept::Unknown(key, unread),
                            }
                        })*
                        _ => Kept::Unknown(key, map.next_value()?),
                    };
                    members.push(member);
                }
                members.check()?;
                Ok(Self {
                    $($required: $required.ok_or_else(|| <A::Error as serde::de::Error>::missing_field($required_key))?,)*
                    $($optional,)*
                    $($shown,)*
                    members,
                })
            }

            fn fault_in(json: &str) -> Option<$crate::model::member::Fault> {
                use $crate::model::member::Member as _;
                let $crate::model::object::Unread(members) = serde_json::from_str(json).ok()?;
                let mut faults = members.into_iter().filter_map(|(key, raw)| {
                    let fault = match key.as_str() {
                        $($required_key => <$required_type>::fault_exact(raw),)*
                        $($optional_key => <$optional_type>::fault(raw),)*
                        _ => None,
                    };
                    fault.map(|fault| fault.below(format_args!(".{key}")))
                });
                faults.next()
            }

            fn members_mut(&mut self) -> &mut $crate::model::object::Members {
                &mut self.members
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any($crate::model::object::ObjectVisitor(std::marker::PhantomData))
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde::ser::{SerializeMap, SerializeSeq};
                use $crate::model::object::Kept;
                // Only a type without required members was ever read from an array.
                let empty = ![$(self.$optional.is_some(),)* $(self.$shown.is_some(),)*].contains(&true);
                if empty && self.members.as_array() {
                    return serializer.serialize_seq(Some(0))?.end();
                }
                let mut map = serializer.serialize_map(None)?;
                for member in self.members.iter() {
                    match member {
                        $(Kept::Known($required_key) => map.serialize_entry($required_key, &self.$required)?,)*
                        $(Kept::Known($optional_key) => map.serialize_entry($optional_key, &self.$optional)?,)*
                        $(Kept::Known($shown_key) => map.serialize_entry($shown_key, &self.$shown)?,)*
                        // There are no others.
                        Kept::Known(_) => {}
                        // What could not be read gives way to what a program put in its place.
                        $(Kept::Unknown(key, _) if key == $shown_key && self.$shown.is_some() => {
                            map.serialize_entry($shown_key, &self.$shown)?;
                        })*
                        Kept::Unknown(key, value) => map.serialize_entry(key, value)?,
                    }
                }
                $(if !self.members.has($required_key) {
                    map.serialize_entry($required_key, &self.$required)?;
                })*
                $(if self.$optional.is_some() && !self.members.has($optional_key) {
                    map.serialize_entry($optional_key, &self.$optional)?;
                })*
                $(if self.$shown.is_some() && !self.members.has($shown_key) {
                    map.serialize_entry($shown_key, &self.$shown)?;
                })*
                map.end()
            }
        }
    };
}

pub(super) use json_object;
