//! The checksum by which the service sees that bytes arrived unchanged: CRC-64/NVME.

/// The processor's own instructions do the work, where it has them.
#[cfg(not(target_arch = "wasm32"))]
mod engine {
    use crc_fast::CrcAlgorithm;

    #[derive(Clone)]
    pub(super) struct Digest(crc_fast::Digest);

    impl Default for Digest {
        fn default() -> Self {
            Self(crc_fast::Digest::new(CrcAlgorithm::Crc64Nvme))
        }
    }

    impl Digest {
        pub(super) fn write(&mut self, piece: &[u8]) {
            self.0.update(piece);
        }

        pub(super) fn sum64(&self) -> u64 {
            self.0.finalize()
        }
    }
}

/// wasm has no such instructions, and the tables that take their place are half a second of a slow line: they are
/// computed when they are first needed.
#[cfg(target_arch = "wasm32")]
mod engine {
    use std::sync::LazyLock;

    use crc::{CRC_64_NVME, Crc, Table};

    static TABLES: LazyLock<Crc<u64, Table<16>>> = LazyLock::new(|| Crc::<u64, Table<16>>::new(&CRC_64_NVME));

    #[derive(Clone)]
    pub(super) struct Digest(crc::Digest<'static, u64, Table<16>>);

    impl Default for Digest {
        fn default() -> Self {
            Self(TABLES.digest())
        }
    }

    impl Digest {
        pub(super) fn write(&mut self, piece: &[u8]) {
            self.0.update(piece);
        }

        pub(super) fn sum64(&self) -> u64 {
            self.0.clone().finalize()
        }
    }
}

/// CRC-64/NVME of bytes that come in pieces.
#[derive(Clone, Default)]
pub struct Checksum(engine::Digest);

impl Checksum {
    /// The next piece.
    pub fn update(&mut self, piece: &[u8]) {
        self.0.write(piece);
    }

    pub(super) fn sum(&self) -> u64 {
        self.0.sum64()
    }
}

impl std::fmt::Debug for Checksum {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Checksum").field(&self.sum()).finish()
    }
}
