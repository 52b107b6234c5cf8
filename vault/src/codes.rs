//! The stable names of errors.
//!
//! Programs that embed the vault, and the JSON of `zkv`, tell errors apart by these names: they are part of the
//! interface, and are kept when a message is rewritten. Several variants may share one, where a program would do the
//! same about them.

/// Gives an error type its `code()` and the list of all codes, `CODES`, from one table: a variant without a code does
/// not compile, and a code cannot be missing from the list.
///
/// A row `Pattern => inner(error)` takes the code of another error of this crate, whose codes its own list has.
macro_rules! codes {
    ($type:ident { $($pattern:pat $(if $guard:expr)? => $code:literal,)* $(; $($outer:pat => inner($inner:ident),)+)? }) => {
        impl $type {
            /// Every code that [`Self::code`] returns, but for those of errors that are passed on as they are.
            pub const CODES: &'static [&'static str] = &[$($code),*];

            /// A stable name for programs.
            #[must_use]
            pub fn code(&self) -> &'static str {
                match self {
                    $($pattern $(if $guard)? => $code,)*
                    $($($outer => $inner.code(),)+)?
                }
            }
        }
    };
}
