//! The checksums that a client sends along.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crc_fast::CrcAlgorithm;
use md5::{Digest as _, Md5};

use crate::blob::reply::{Problem, Result};
use crate::blob::request::BlobRequest;

/// Checks `Content-MD5` and `x-ms-content-crc64`, as far as they are there.
pub(super) fn check(request: &BlobRequest) -> Result<()> {
    let md5 = STANDARD.encode(Md5::digest(&request.body));
    if request.header("content-md5").is_some_and(|claimed| claimed != md5) {
        return Err(Problem::bad("Md5Mismatch"));
    }
    let crc64 = crc_fast::checksum(CrcAlgorithm::Crc64Nvme, &request.body);
    let crc64 = STANDARD.encode(crc64.to_le_bytes());
    match request.header("x-ms-content-crc64") {
        Some(claimed) if claimed != crc64 => Err(Problem::bad("Crc64Mismatch")),
        _ => Ok(()),
    }
}
