//! One site: the few fields that zkvault reads, and where its values lie.
//!
//! The members that are read are borrowed from the document and kept as raw JSON, so that one input of a strange type
//! does not keep the others from being opened. A value's place is found by the address of its borrowed text, and
//! everything between values is copied byte for byte.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;
use serde_json::value::RawValue;

use super::text::{Text, text_of};
use crate::secret_buffer::SecretBuffer;
use crate::site::names_of;
use crate::value::ValueContext;

/// Inputs that one site may have: they are read into memory, where the shortest takes far more than its bytes.
pub const MAX_INPUTS: usize = 4096;

/// Bytes of a site's name that [`InputRef::site_name`] gives at most.
const MAX_SHOWN_LEN: usize = 1024;

/// The bytes of a site are refused. Nothing was written. Offsets count bytes from the site's beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SiteError {
    /// They are not UTF-8.
    #[error("the site is not UTF-8 at byte {offset}")]
    NotUtf8 {
        /// The first byte that is not.
        offset: usize,
    },
    /// They are not one JSON object.
    #[error("the site is not valid JSON at byte {offset}")]
    Syntax {
        /// Where the fault was noticed.
        offset: usize,
    },
    /// A field that zkvault reads is there twice, so that its meaning is open to interpretation.
    #[error("the site has a field twice, at byte {offset}")]
    DuplicateField {
        /// Where the second one was noticed.
        offset: usize,
    },
    /// It has more than [`MAX_INPUTS`] inputs.
    #[error("the site has more than {MAX_INPUTS} inputs, at byte {offset}")]
    TooManyInputs {
        /// Where the first one too many was noticed.
        offset: usize,
    },
    /// `login` or an element of `login.inputs` is no object, or `login.inputs` is no array.
    #[error("the site's login is not an object with a list of inputs, at byte {offset}")]
    Shape {
        /// Where the fault was noticed.
        offset: usize,
    },
}

/// The fields that are read; everything else is only checked to be JSON.
///
/// They stay raw: an input whose name is a number must not keep the others from being opened.
#[derive(Default, serde::Deserialize)]
struct Site<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    name: Option<&'a RawValue>,
    #[serde(borrow)]
    key: Option<&'a RawValue>,
    #[serde(borrow)]
    login: Option<Object<Login<'a>>>,
}

#[derive(Default, serde::Deserialize)]
struct Login<'a> {
    #[serde(borrow)]
    inputs: Option<Inputs<'a>>,
}

/// At most [`MAX_INPUTS`].
struct Inputs<'a>(Vec<Object<Input<'a>>>);

#[derive(Default, serde::Deserialize)]
struct Input<'a> {
    #[serde(borrow)]
    name: Option<&'a RawValue>,
    #[serde(borrow, rename = "type")]
    input_type: Option<&'a RawValue>,
    #[serde(borrow)]
    value: Option<&'a RawValue>,
}

/// A JSON object. Derived types would also read themselves from an array of their fields; the only array
/// taken here is the empty one, which is how PHP writes an empty object.
///
/// More than an empty array in its place is an error and not an empty object: something would be lost.
struct Object<T>(T);

impl<'de, T: Deserialize<'de> + Default> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ObjectVisitor(PhantomData)).map(Self)
    }
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de> + Default> Visitor<'de> for ObjectVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<T, A::Error> {
        match seq.next_element::<IgnoredAny>()? {
            None => Ok(T::default()),
            Some(_) => Err(A::Error::custom("an array is not an object")),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Inputs<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(InputsVisitor(PhantomData)).map(Self)
    }
}

struct InputsVisitor<'a>(PhantomData<&'a ()>);

impl<'de: 'a, 'a> Visitor<'de> for InputsVisitor<'a> {
    type Value = Vec<Object<Input<'a>>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut inputs = Vec::new();
        while let Some(input) = seq.next_element()? {
            if inputs.len() == MAX_INPUTS {
                return Err(A::Error::custom(TOO_MANY_INPUTS));
            }
            inputs.push(input);
        }
        Ok(inputs)
    }
}

const TOO_MANY_INPUTS: &str = "too many inputs";

impl<'a> Site<'a> {
    fn parse(json: &'a str) -> Result<Self, SiteError> {
        match serde_json::from_str::<Object<Self>>(json) {
            // An empty array, which only a login or an input may be.
            Ok(_) if !json.trim_start().starts_with('{') => Err(SiteError::Syntax { offset: 0 }),
            Ok(Object(site)) => Ok(site),
            Err(error) => Err(site_error(json, &error)),
        }
    }
}

/// The error without its message, which quotes the document.
///
/// The kind is read from the first words of serde's message, which the tests of this crate cover.
fn site_error(json: &str, error: &serde_json::Error) -> SiteError {
    let offset = offset_of(json, error);
    let message = error.to_string();
    match error.classify() {
        Category::Data if message.starts_with("duplicate field") => SiteError::DuplicateField { offset },
        Category::Data if message.starts_with(TOO_MANY_INPUTS) => SiteError::TooManyInputs { offset },
        Category::Data => SiteError::Shape { offset },
        Category::Io | Category::Syntax | Category::Eof => SiteError::Syntax { offset },
    }
}

/// Turns the line and column of an error, both counted from 1, into an offset in bytes.
fn offset_of(json: &str, error: &serde_json::Error) -> usize {
    let before = json.split_inclusive('\n').take(error.line().saturating_sub(1));
    before.map(str::len).sum::<usize>() + error.column().saturating_sub(1)
}

/// What all inputs of a site share. It is read once: read for every input, a long number or name would cost its
/// length times the number of inputs.
struct About<'a> {
    id: Option<u64>,
    name: Cow<'a, str>,
    /// The site's own key, sealed, as JSON.
    key: Option<&'a str>,
}

impl<'a> About<'a> {
    fn of(site: &Site<'a>) -> Self {
        let name = shown(site.name);
        let end = name.floor_char_boundary(MAX_SHOWN_LEN);
        Self {
            id: site.id.and_then(|id| serde_json::from_str(id.get()).ok()),
            key: site.key.map(RawValue::get),
            name: match name {
                Cow::Borrowed(name) => Cow::Borrowed(name.get(..end).unwrap_or_default()),
                Cow::Owned(name) => Cow::Owned(name.get(..end).unwrap_or_default().to_owned()),
            },
        }
    }
}

/// An input of a site, while the site is being read. Reads its own texts only when asked for them.
///
/// Lent to reports: [`place`](Self::place) is what may be kept.
#[derive(Clone, Copy)]
pub struct InputRef<'a> {
    site: &'a About<'a>,
    input: &'a Input<'a>,
    index: usize,
}

impl<'a> InputRef<'a> {
    /// The site's `id`, if it is an unsigned integer.
    #[must_use]
    pub fn site_id(&self) -> Option<u64> {
        self.site.id
    }

    /// The site's `name`, for people: empty when it has none, and no more of it than its first 1,024 bytes, since
    /// a report may repeat it for every input.
    #[must_use]
    pub fn site_name(&self) -> &'a str {
        &self.site.name
    }

    /// The site's own key, sealed, as JSON.
    pub(super) fn site_key(&self) -> Option<&'a str> {
        self.site.key
    }

    /// The input's number in `login.inputs`, from 0.
    #[must_use]
    pub fn index(&self) -> usize {
        self.index
    }

    /// The input's `name`; empty when it has none.
    #[must_use]
    pub fn name(&self) -> Cow<'a, str> {
        shown(self.input.name)
    }

    /// The input's `type`; empty when it has none.
    #[must_use]
    pub fn input_type(&self) -> Cow<'a, str> {
        shown(self.input.input_type)
    }

    /// Where the input is, for a report that outlives the document.
    #[must_use]
    pub fn place(&self) -> InputPlace {
        InputPlace {
            site_id: self.site_id(),
            index: self.index,
            name: self.name().into_owned(),
        }
    }

    /// Calls `use_context` with what a bound value is bound to. There is no such context when the site has no
    /// id, or when the name or type is there but is not text.
    ///
    /// A callback, because the texts may be unescaped copies that are wiped when it returns.
    pub(super) fn with_context<T>(&self, use_context: impl FnOnce(Option<&ValueContext<'_>>) -> T) -> T {
        let (Some(site_id), Some(input_type), Some(input_name)) = (
            self.site_id(),
            bound_text(self.input.input_type),
            bound_text(self.input.name),
        ) else {
            return use_context(None);
        };
        use_context(Some(&ValueContext {
            site_id,
            input_type: &input_type,
            input_name: &input_name,
        }))
    }
}

impl fmt::Debug for InputRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Neither the site nor the input: they hold the value.
        let Self {
            site: _,
            input: _,
            index: _,
        } = self;
        f.debug_tuple("InputRef").field(&self.place()).finish()
    }
}

/// Where an input is in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputPlace {
    /// The site's `id`, if it is an unsigned integer.
    pub site_id: Option<u64>,
    /// The input's number in `login.inputs`, from 0.
    pub index: usize,
    /// The input's `name`; empty when it has none.
    pub name: String,
}

/// Such as `site 7, input "user"`: the first of its names, control characters escaped; its number from 1 where it has none,
/// as [`crate::site`] counts.
impl fmt::Display for InputPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.site_id {
            Some(id) => write!(f, "site {id}, ")?,
            None => f.write_str("a site whose id is missing or no whole number, ")?,
        }
        match names_of(&self.name).first() {
            Some(name) => write!(f, "input {name:?}"),
            None => write!(f, "input {}", self.index + 1),
        }
    }
}

fn shown(raw: Option<&RawValue>) -> Cow<'_, str> {
    match raw.and_then(|raw| text_of(raw.get())) {
        None => Cow::Borrowed(""),
        Some(Text::Plain(text)) => Cow::Borrowed(text),
        Some(Text::Unescaped(mut text)) => Cow::Owned(std::mem::take(&mut *text)),
    }
}

fn bound_text(raw: Option<&RawValue>) -> Option<Text<'_>> {
    raw.map_or(Some(Text::Plain("")), |raw| text_of(raw.get()))
}

/// What becomes of a value.
pub(super) enum Outcome {
    /// It stays as it is.
    Keep,
    /// What takes its place was written.
    Replaced,
}

/// The site's own key, sealed, as JSON.
pub(super) fn key_of(site: &[u8]) -> Result<Option<&str>, SiteError> {
    let json = str::from_utf8(site).map_err(|error| SiteError::NotUtf8 {
        offset: error.valid_up_to(),
    })?;
    Ok(Site::parse(json)?.key.map(RawValue::get))
}

/// Calls `visit` with every value of a site, in order, as JSON. A value that is absent or `null` is none.
pub(super) fn visit_values<E: From<SiteError>>(
    site: &[u8],
    mut visit: impl FnMut(&str, &InputRef<'_>, &str) -> Result<(), E>,
) -> Result<(), E> {
    let json = str::from_utf8(site).map_err(|error| SiteError::NotUtf8 {
        offset: error.valid_up_to(),
    })?;
    let site = Site::parse(json)?;
    let about = About::of(&site);
    let inputs = site
        .login
        .iter()
        .filter_map(|login| login.0.inputs.as_ref())
        .flat_map(|inputs| &inputs.0);
    for (index, Object(input)) in inputs.enumerate() {
        if let Some(value) = input.value {
            let input = InputRef {
                site: &about,
                input,
                index,
            };
            visit(json, &input, value.get())?;
        }
    }
    Ok(())
}

/// Copies a site to the end of `output`, except for the values that `replace` writes there itself.
///
/// On an error the output is cut to where it was: nothing of a half-written site stays.
pub(super) fn rewrite<E: From<SiteError>>(
    site: &[u8],
    output: &mut SecretBuffer,
    mut replace: impl FnMut(&InputRef<'_>, &str, &mut SecretBuffer) -> Result<Outcome, E>,
) -> Result<(), E> {
    let (before, mut copied) = (output.len(), 0);
    let result = visit_values(site, |json, input, value| {
        let start = value.as_ptr().addr() - json.as_ptr().addr();
        output.extend(site.get(copied..start).unwrap_or_default());
        copied = start;
        if let Outcome::Replaced = replace(input, value, output)? {
            copied += value.len();
        }
        Ok(())
    });
    match result {
        Ok(()) => output.extend(site.get(copied..).unwrap_or_default()),
        Err(_) => output.truncate(before),
    }
    result
}
