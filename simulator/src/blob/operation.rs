//! The operations of the blob service, what each needs to be allowed, and what it does.

mod blocks;
mod container;
mod integrity;
mod whole;

use axum::http::Method;

use super::BlobStorage;
use super::reply::{Problem, Reply, Result};
use super::request::BlobRequest;
use super::sas::Grant;

/// What a request asks for, by method and `comp`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    CreateContainer,
    ListBlobs,
    PutBlob,
    PutBlock,
    PutBlockList,
    GetBlockList,
    GetBlob,
    HeadBlob,
    DeleteBlob,
}

impl Operation {
    pub(super) fn of(request: &BlobRequest) -> Option<Self> {
        let comp = request.parameter("comp");
        let of_container = request.blob.is_empty() && request.parameter("restype") == "container";
        match (&request.method, comp) {
            (&Method::PUT, "") if of_container => Some(Self::CreateContainer),
            (&Method::GET, "list") if of_container => Some(Self::ListBlobs),
            _ if request.blob.is_empty() => None,
            (&Method::PUT, "") => Some(Self::PutBlob),
            (&Method::PUT, "block") => Some(Self::PutBlock),
            (&Method::PUT, "blocklist") => Some(Self::PutBlockList),
            (&Method::GET, "blocklist") => Some(Self::GetBlockList),
            (&Method::GET, "") => Some(Self::GetBlob),
            (&Method::HEAD, "") => Some(Self::HeadBlob),
            (&Method::DELETE, "") => Some(Self::DeleteBlob),
            _ => None,
        }
    }

    pub(super) fn run(self, request: &BlobRequest, grant: &Grant, storage: &BlobStorage) -> Result<Reply> {
        match self {
            Self::CreateContainer if !grant.is_account() => {
                return Err(Problem::forbidden("AuthorizationResourceTypeMismatch"));
            }
            Self::CreateContainer => grant.check("cw", 'c')?,
            Self::ListBlobs => grant.check("l", 'c')?,
            Self::PutBlob => grant.check("cw", 'o')?,
            Self::PutBlock | Self::PutBlockList => grant.check("w", 'o')?,
            Self::GetBlockList | Self::GetBlob | Self::HeadBlob => grant.check("r", 'o')?,
            Self::DeleteBlob => grant.check("d", 'o')?,
        }
        let view = match self {
            Self::ListBlobs | Self::GetBlob | Self::HeadBlob => &storage.view(),
            _ => storage,
        };
        match self {
            Self::CreateContainer => container::create(request, storage),
            Self::ListBlobs => container::list(request, view),
            Self::PutBlob => whole::put(request, grant, storage),
            Self::PutBlock => blocks::put(request, storage),
            Self::PutBlockList => blocks::commit(request, storage),
            Self::GetBlockList => blocks::list(request, storage),
            Self::GetBlob => whole::get(request, view),
            Self::HeadBlob => whole::head(request, view),
            Self::DeleteBlob => whole::delete(request, storage),
        }
    }
}
