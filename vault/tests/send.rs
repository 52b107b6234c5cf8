//! Programs whose runtime has several threads spawn what this crate does. This compiles, or they could not.
use std::path::Path;
use std::time::Duration;

use zkvault::backup::{Access, Catalog, CatalogEntry, KnownHeads, Listing, Wanted, load};
use zkvault::client::blob::{BlobContainer, BlockId, Etag, Payload, WriteOptions};
use zkvault::client::logmeonce::{Call, Format, LogMeOnce};
use zkvault::client::loome::{Loome, LoomeCall, LoomeId, SasAccess, SasExpiry};
use zkvault::client::oauth::{Authorization, LoopbackRedirect};
use zkvault::client::{Bytes, NativeTransport};
use zkvault::core::SecretText;
use zkvault::core::repository::RepositoryPath;
use zkvault::progress::NoProgress;
use zkvault::repository::Repository;
use zkvault::transfer::{Candidate, Downloader, Item, Uploader};
use zkvault::vault::Vault;

fn assert_send<T: Send>(_: T) {}

const _: fn(&mut Vault, &LogMeOnce<NativeTransport>) = |vault, client| {
    assert_send(vault.sync(client, &NoProgress));
};

const _: fn(&Repository, &Path) = |repository, path| {
    assert_send(repository.upload(path, None, &NoProgress));
    assert_send(repository.download("name", path, &NoProgress));
};

const _: fn(&Uploader<'_>, &Item, &Downloader<'_>, &RepositoryPath, &[Candidate]) =
    |uploader, item, downloader, name, candidates| {
        assert_send(uploader.upload(item));
        assert_send(downloader.sealed(name, candidates));
        assert_send(downloader.plain(name));
    };

// A backup is pushed, listed, restored and pruned.
const _: fn(&Catalog, &Listing, &CatalogEntry, &KnownHeads, Access, &Path) =
    |catalog, listing, backup, known, access, draft| {
        assert_send(catalog.put(&[], "blob", draft, &NoProgress));
        assert_send(catalog.list(&access.chains, known));
        assert_send(catalog.fetch(backup));
        assert_send(load(catalog, listing, Wanted::default(), access));
        assert_send(catalog.delete("blob"));
    };

const _: fn(&LogMeOnce<NativeTransport>, Authorization, &SecretText, LoopbackRedirect) =
    |client, authorization, secret, loopback| {
        assert_send(loopback.wait(&authorization, Duration::ZERO));
        assert_send(client.log_in());
        assert_send(client.log_in_with_code(authorization, secret));
        assert_send(client.log_in_with_password("user", secret));
    };

const _: fn(&LogMeOnce<NativeTransport>, &Call) = |client, call| {
    assert_send(async { client.sites(None).await?.next().await });
    assert_send(client.site(1));
    assert_send(client.users());
    assert_send(client.activate_user(1, None));
    assert_send(client.raw(call, Format::Json));
};

const _: fn(&Loome<NativeTransport>, &LoomeId, SasExpiry, &LoomeCall) = |client, id, expiry, call| {
    assert_send(client.log_in());
    assert_send(client.repositories(id));
    assert_send(client.shared_access_signature(id, id, expiry, SasAccess::Full));
    assert_send(client.raw(call));
};

const _: fn(&BlobContainer<NativeTransport>, &BlockId, &WriteOptions, &Etag) = |container, id, options, etag| {
    assert_send(container.put_blob("blob", Payload::from(Bytes::new()), options));
    assert_send(container.put_block("blob", id, Payload::from(Bytes::new())));
    assert_send(container.commit("blob", &[], options));
    assert_send(async { container.read_range("blob", 0, 1, Some(etag), &mut Vec::new()).await });
    assert_send(async { container.pieces("blob", 0..1, etag).next_piece().await });
    assert_send(async { container.list("", "").next_page().await });
    assert_send(container.delete("blob"));
};
