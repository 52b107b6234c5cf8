//! Reading bodies whole, within a limit.

use zkvault_core::SecretBuffer;

use crate::error::ClientError;
use crate::transport::Body;

/// Reads a body to its end. The buffer is wiped when dropped: answers may hold what should not stay in memory.
pub(crate) async fn read_whole<B: Body>(body: &mut B, limit: usize) -> Result<SecretBuffer, ClientError> {
    let mut whole = SecretBuffer::new();
    while let Some(piece) = body.chunk().await? {
        if piece.len() > limit - whole.len() {
            return Err(ClientError::too_large(limit));
        }
        whole.extend(&piece);
    }
    Ok(whole)
}

/// Reads the beginning of a body whose rest does not matter; nothing when it breaks.
pub(crate) async fn read_start<B: Body>(body: &mut B, limit: usize) -> SecretBuffer {
    let mut start = SecretBuffer::new();
    while start.len() < limit {
        let Ok(Some(piece)) = body.chunk().await else { break };
        let room = limit - start.len();
        start.extend(piece.get(..room).unwrap_or(&piece));
    }
    start
}
