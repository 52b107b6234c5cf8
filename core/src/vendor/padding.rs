//! Padding: added when a text is sealed, and taken off in a time that depends on the length alone.
//!
//! Of the last block every byte is looked at, whatever the padding is, and the result is put together without a
//! branch on them (`subtle`). Only whether it was a padding at all shows, and that as the same error as everything
//! else: with an unauthenticated layout a service could otherwise find out a text byte by byte (Vaudenay 2002; threat
//! model, Z59).

use subtle::{
    Choice, ConditionallySelectable as _, ConstantTimeEq as _, ConstantTimeGreater as _, ConstantTimeLess as _,
};

use super::fields::Padding;
use crate::error::DecryptError;

/// Bytes of a cipher's block.
pub(super) const BLOCK_LEN: usize = 16;
/// Bytes of the length in front of a length-prefixed text.
const PREFIX_LEN: usize = 4;

/// The bytes of `padded` that are the text.
///
/// What the writer would not have made is refused, so that a text has one padded form.
///
/// # Errors
/// [`DecryptError`] when the padding is not one. Which byte was wrong does not show, in the result or in the time.
pub(super) fn unpad(padding: Padding, padded: &[u8]) -> Result<&[u8], DecryptError> {
    let whole_blocks = !padded.is_empty() && padded.len().is_multiple_of(BLOCK_LEN);
    let (start, len, valid) = match padding {
        Padding::None => return Ok(padded),
        _ if !whole_blocks => return Err(DecryptError),
        Padding::Pkcs7 => pkcs7(padded),
        Padding::Zero => zero(padded),
        Padding::Iso7816 => iso7816(padded),
        Padding::LengthPrefixed => length_prefixed(padded),
    };
    if !bool::from(valid) {
        return Err(DecryptError);
    }
    padded.get(start..start + len as usize).ok_or(DecryptError)
}

/// `text` with its padding.
pub(super) fn pad(padding: Padding, text: &[u8]) -> Vec<u8> {
    let to_block = |len: usize| len.next_multiple_of(BLOCK_LEN);
    let mut padded = Vec::with_capacity(text.len() + PREFIX_LEN + BLOCK_LEN);
    if padding == Padding::LengthPrefixed {
        padded.extend_from_slice(&u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes());
    }
    padded.extend_from_slice(text);
    let len = padded.len();
    match padding {
        Padding::None => {}
        Padding::Pkcs7 => {
            let whole = to_block(len + 1);
            padded.resize(whole, u8::try_from(whole - len).unwrap_or_default());
        }
        Padding::Iso7816 => {
            padded.push(0x80);
            padded.resize(to_block(len + 1), 0);
        }
        Padding::Zero | Padding::LengthPrefixed => padded.resize(to_block(len), 0),
    }
    padded
}

type Unpadded = (usize, u32, Choice);

/// The last 16 bytes, from the end: how far each is from it, and what it is.
fn from_the_end(padded: &[u8]) -> impl Iterator<Item = (u32, u8)> {
    (0..).zip(padded.iter().rev().copied())
}

fn length(padded: &[u8]) -> u32 {
    u32::try_from(padded.len()).unwrap_or(u32::MAX)
}

/// At most 16 bytes of padding are compared, since a longer one is none.
fn pkcs7(padded: &[u8]) -> Unpadded {
    let count = padded.last().copied().unwrap_or_default();
    let wide = u32::from(count);
    let mut valid = !count.ct_eq(&0) & !wide.ct_gt(&(BLOCK_LEN as u32));
    for (distance, byte) in from_the_end(padded).take(BLOCK_LEN) {
        valid &= !distance.ct_lt(&wide) | byte.ct_eq(&count);
    }
    (0, length(padded).wrapping_sub(wide), valid)
}

fn zero(padded: &[u8]) -> Unpadded {
    let (zeros, last_block_is_zero) = trailing_zeros(padded);
    (0, length(padded).wrapping_sub(zeros), !last_block_is_zero)
}

fn iso7816(padded: &[u8]) -> Unpadded {
    let (zeros, last_block_is_zero) = trailing_zeros(padded);
    let mut marker = 0_u8;
    for (distance, byte) in from_the_end(padded).take(BLOCK_LEN) {
        marker.conditional_assign(&byte, distance.ct_eq(&zeros));
    }
    let valid = !last_block_is_zero & marker.ct_eq(&0x80);
    (0, length(padded).wrapping_sub(zeros + 1), valid)
}

/// How many zero bytes the last block ends in, and whether it is nothing else.
fn trailing_zeros(padded: &[u8]) -> (u32, Choice) {
    let (mut zeros, mut all_so_far) = (0_u32, Choice::from(1));
    for (_, byte) in from_the_end(padded).take(BLOCK_LEN) {
        all_so_far &= byte.ct_eq(&0);
        zeros += u32::from(all_so_far.unwrap_u8());
    }
    (zeros, all_so_far)
}

/// The prefix must leave less than a block over, and the rest must be zero.
fn length_prefixed(padded: &[u8]) -> Unpadded {
    let stated = padded
        .first_chunk()
        .map_or(u32::MAX, |prefix| u32::from_be_bytes(*prefix));
    let room = length(padded).saturating_sub(PREFIX_LEN as u32);
    let rest = room.wrapping_sub(stated);
    let mut valid = !stated.ct_gt(&room) & rest.ct_lt(&(BLOCK_LEN as u32));
    for (distance, byte) in from_the_end(padded).take(BLOCK_LEN) {
        valid &= !distance.ct_lt(&rest) | byte.ct_eq(&0);
    }
    (PREFIX_LEN, stated, valid)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALL: [Padding; 5] = [
        Padding::None,
        Padding::Pkcs7,
        Padding::Zero,
        Padding::Iso7816,
        Padding::LengthPrefixed,
    ];

    #[test]
    fn a_wrong_padding_is_refused() {
        let block = |end: &[u8]| [vec![b'a'; BLOCK_LEN - end.len()], end.to_vec()].concat();
        let cases: [(Padding, Vec<u8>); 14] = [
            (Padding::Pkcs7, vec![]),
            (Padding::Pkcs7, block(&[0])),
            (Padding::Pkcs7, block(&[17])),
            (Padding::Pkcs7, block(&[1, 2])),
            (Padding::Pkcs7, block(&[3, 2, 3])),
            (Padding::Pkcs7, vec![1; 15]),
            (
                Padding::Pkcs7,
                [vec![16; 15], vec![17], vec![16; 15], vec![15]].concat(),
            ),
            (Padding::Iso7816, vec![0; 16]),
            (Padding::Iso7816, block(&[0x81, 0])),
            (Padding::Iso7816, block(&[])),
            (Padding::Zero, vec![0; 16]),
            (Padding::LengthPrefixed, [vec![0, 0, 0, 13], vec![0; 12]].concat()),
            (Padding::LengthPrefixed, [vec![0, 0, 0, 4], vec![b'a'; 12]].concat()),
            (Padding::LengthPrefixed, [vec![0, 0, 0, 1], vec![0; 28]].concat()),
        ];
        for (padding, padded) in cases {
            assert_eq!(unpad(padding, &padded), Err(DecryptError), "{padding:?} {padded:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_padded_unpads(text in "[a-z]{1,70}") {
            for padding in ALL {
                let padded = pad(padding, text.as_bytes());
                prop_assert!(padding == Padding::None || padded.len().is_multiple_of(BLOCK_LEN));
                prop_assert_eq!(unpad(padding, &padded), Ok(text.as_bytes()));
            }
        }

        /// What unpads is what the text pads to: no text has two paddings.
        #[test]
        fn nothing_else_unpads(mut padded in proptest::collection::vec(0_u8..20, 16..=32), marker in any::<bool>()) {
            padded.truncate(padded.len() / 16 * 16);
            if marker {
                padded.iter_mut().rev().take(3).zip([0, 0, 0x80]).for_each(|(to, from)| *to = from);
            }
            for padding in ALL {
                if let Ok(text) = unpad(padding, &padded) {
                    prop_assert_eq!(pad(padding, text), padded.clone(), "{:?}", padding);
                }
            }
        }
    }
}
