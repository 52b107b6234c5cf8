//! JSON objects of which some members are known: the others are kept, and so is the order of all.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapDeserializer;
use serde::de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The members that an object had when it was read, in their order.
#[derive(Clone, Default, PartialEq)]
pub(super) struct Members {
    list: Vec<Member>,
    /// It was written `[]`, as PHP writes an empty object.
    as_array: bool,
}

#[derive(Clone, PartialEq)]
pub(super) enum Member {
    /// One that the type has a field for.
    Known(&'static str),
    Unknown(String, Unknown),
}

/// A member's value, to the letter.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Unknown(Box<RawValue>);

impl PartialEq for Unknown {
    fn eq(&self, other: &Self) -> bool {
        self.0.get() == other.0.get()
    }
}

impl Member {
    fn key(&self) -> &str {
        match self {
            Self::Known(key) => key,
            Self::Unknown(key, _) => key,
        }
    }
}

impl Members {
    pub(super) fn push(&mut self, member: Member) {
        self.list.push(member);
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Member> {
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
        let mut keys: Vec<&str> = self.list.iter().map(Member::key).collect();
        keys.sort_unstable();
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
        f.debug_list().entries(list.iter().map(Member::key)).finish()
    }
}

/// A type that [`json_object`] defines.
pub(super) trait Object: Sized {
    /// The members that the type knows.
    #[cfg(test)]
    const KEYS: &'static [&'static str];

    fn read<'de, A: MapAccess<'de>>(map: A) -> Result<Self, A::Error>;
    fn members_mut(&mut self) -> &mut Members;
}

pub(super) struct ObjectVisitor<T>(pub(super) PhantomData<T>);

impl<'de, T: Object> Visitor<'de> for ObjectVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::read(map)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<T, A::Error> {
        if seq.next_element::<IgnoredAny>()?.is_some() {
            return Err(A::Error::custom("an array is not an object"));
        }
        let nothing = std::iter::empty::<(&str, &str)>();
        let mut object = T::read(MapDeserializer::<_, A::Error>::new(nothing))?;
        object.members_mut().as_array = true;
        Ok(object)
    }
}

/// Defines a type for a JSON object, from its required members and then its optional ones.
///
/// A member that is `null` is `None`, and written as `null` again.
macro_rules! json_object {
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            required { $($(#[$required_meta:meta])* $required:ident: $required_type:ty = $required_key:literal,)* }
            optional { $($(#[$optional_meta:meta])* $optional:ident: $optional_type:ty = $optional_key:literal,)* }
        }
    ) => {
        $(#[$meta])*
        pub struct $name {
            $($(#[$required_meta])* pub $required: $required_type,)*
            $($(#[$optional_meta])* pub $optional: Option<$optional_type>,)*
            members: $crate::model::object::Members,
        }

        impl $name {
            /// One that has no other members yet.
            #[must_use]
            pub fn new($($required: $required_type),*) -> Self {
                Self {
                    $($required,)*
                    $($optional: None,)*
                    members: Default::default(),
                }
            }
        }

        impl $crate::model::object::Object for $name {
            #[cfg(test)]
            const KEYS: &'static [&'static str] = &[$($required_key,)* $($optional_key,)*];

            fn read<'de, A: serde::de::MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
                use $crate::model::object::{Member, Members};
                let mut members = Members::default();
                $(let mut $required: Option<$required_type> = None;)*
                $(let mut $optional: Option<$optional_type> = None;)*
                while let Some(key) = map.next_key::<String>()? {
                    let member = match key.as_str() {
                        $($required_key => {
                            $required = map.next_value()?;
                            Member::Known($required_key)
                        })*
                        $($optional_key => {
                            $optional = map.next_value()?;
                            Member::Known($optional_key)
                        })*
                        _ => Member::Unknown(key, map.next_value()?),
                    };
                    members.push(member);
                }
                members.check()?;
                Ok(Self {
                    $($required: $required.ok_or_else(|| <A::Error as serde::de::Error>::missing_field($required_key))?,)*
                    $($optional,)*
                    members,
                })
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
                use $crate::model::object::Member;
                // Only a type without required members was ever read from an array.
                let empty = ![$(self.$optional.is_some(),)*].contains(&true);
                if empty && self.members.as_array() {
                    return serializer.serialize_seq(Some(0))?.end();
                }
                let mut map = serializer.serialize_map(None)?;
                for member in self.members.iter() {
                    match member {
                        $(Member::Known($required_key) => map.serialize_entry($required_key, &self.$required)?,)*
                        $(Member::Known($optional_key) => map.serialize_entry($optional_key, &self.$optional)?,)*
                        // There are no others.
                        Member::Known(_) => {}
                        Member::Unknown(key, value) => map.serialize_entry(key, value)?,
                    }
                }
                $(if !self.members.has($required_key) {
                    map.serialize_entry($required_key, &self.$required)?;
                })*
                $(if self.$optional.is_some() && !self.members.has($optional_key) {
                    map.serialize_entry($optional_key, &self.$optional)?;
                })*
                map.end()
            }
        }
    };
}

pub(super) use json_object;
