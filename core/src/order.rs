//! Putting things in order, in little code.
//!
//! The standard library's sort is the fastest and becomes several kilobytes for every type that is sorted, which browsers
//! fetch. A heap sort costs as many comparisons in the worst case and a few hundred bytes.

use std::collections::BinaryHeap;

/// The items in their order; of equal ones, any may come first.
///
/// Not stable: items that compare equal are exchangeable for every caller, or carry their place with them.
pub(crate) fn sorted<T: Ord>(items: impl IntoIterator<Item = T>) -> Vec<T> {
    let items: Vec<T> = items.into_iter().collect();
    BinaryHeap::from(items).into_sorted_vec()
}

/// The places of numbers, in the order of the numbers; of equal ones, the first comes first.
pub(crate) fn by_number(numbers: impl IntoIterator<Item = u64>) -> Vec<(u64, usize)> {
    sorted(numbers.into_iter().zip(0..))
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn it_is_the_order_of_the_standard_library(items: Vec<u64>) {
            let mut expected = items.clone();
            expected.sort_unstable();
            proptest::prop_assert_eq!(sorted(items.iter().copied()), expected);
            let mut places: Vec<_> = items.iter().copied().zip(0..).collect();
            places.sort_by_key(|(number, _)| *number);
            proptest::prop_assert_eq!(by_number(items), places);
        }
    }
}
