//! The address without its token: where the container is.

use zkvault_host::Address;

use super::SasUrlError;

/// What follows account and service in the hosts of Azure's clouds; the last one is that of accounts in DNS zones.
const CLOUDS: [&str; 7] = [
    "core.windows.net",
    "core.chinacloudapi.cn",
    "core.usgovcloudapi.net",
    "core.cloudapi.de",
    "core.eaglex.ic.gov",
    "core.microsoft.scloud",
    "storage.azure.net",
];

/// Where a container is.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Endpoint {
    /// Without a slash at its end.
    pub(super) base: String,
    pub(super) host: String,
}

impl Endpoint {
    /// Reads an address. `is_folder` when its token says that it is for a folder.
    pub(super) fn read(address: &str, is_folder: bool) -> Result<Self, SasUrlError> {
        let address = Address::parse(address).map_err(|_| SasUrlError::Malformed)?;
        if !address.is_secure() && !address.host().is_loopback() {
            return Err(SasUrlError::NotSecure);
        }
        if address.names_user() || address.fragment().is_some() {
            return Err(SasUrlError::Malformed);
        }
        let host = address.host_str().to_owned();
        let of_blobs = of_blobs(&host)?;
        // Azure has the account in the host; Azurite has it in the path, and so has a gateway of one's own.
        let most = if of_blobs.is_some() || is_folder { 1 } else { 2 };
        let segments = address.path().split('/').filter(|segment| !segment.is_empty());
        let segments: Vec<_> = segments.collect();
        let origin = match &of_blobs {
            Some(of_blobs) => address.origin().replacen(&host, of_blobs, 1),
            None => address.origin(),
        };
        match segments.len() {
            0 => Err(SasUrlError::NoContainer),
            number if number > most => Err(SasUrlError::NotAContainer),
            _ => Ok(Self {
                base: format!("{origin}/{}", segments.join("/")),
                host: of_blobs.unwrap_or(host),
            }),
        }
    }
}

/// The host of an account's blobs, where it is one of Azure's.
fn of_blobs(host: &str) -> Result<Option<String>, SasUrlError> {
    let mut clouds = CLOUDS
        .iter()
        .filter_map(|cloud| Some((host.strip_suffix(cloud)?.strip_suffix('.')?, cloud)));
    let Some((front, cloud)) = clouds.next() else {
        return Ok(None);
    };
    match front.rsplit_once('.') {
        Some((account, "blob" | "dfs")) => Ok(Some(format!("{account}.blob.{cloud}"))),
        Some((_, "file" | "queue" | "table" | "web")) => Err(SasUrlError::OtherService),
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(address: &str) -> Result<String, SasUrlError> {
        Endpoint::read(address, false).map(|endpoint| endpoint.base)
    }

    #[test]
    fn dfs_is_blob_in_every_cloud_and_zone() {
        for cloud in CLOUDS {
            for account in ["a", "a.z12", "a-secondary"] {
                let expected = Ok(format!("https://{account}.blob.{cloud}/c"));
                for service in ["dfs", "blob", "DFS", "Blob"] {
                    assert_eq!(base(&format!("https://{account}.{service}.{cloud}/c/")), expected);
                }
                for service in ["file", "queue", "table"] {
                    let other = base(&format!("https://{account}.{service}.{cloud}/c"));
                    assert_eq!(other, Err(SasUrlError::OtherService));
                }
                let of_blob = base(&format!("https://{account}.dfs.{cloud}/c/docs/report.pdf"));
                assert_eq!(of_blob, Err(SasUrlError::NotAContainer));
                assert_eq!(
                    base(&format!("https://{account}.blob.{cloud}/")),
                    Err(SasUrlError::NoContainer)
                );
            }
        }
    }

    #[test]
    fn hosts_that_only_look_like_azures_stay_what_they_are() {
        for host in [
            "a.dfs.core.windows.net.evil.example",
            "dfs.core.windows.net.example",
            "adfs.core.windows.net",
        ] {
            assert_eq!(base(&format!("https://{host}/c")), Ok(format!("https://{host}/c")));
        }
        assert_eq!(
            base("https://files.example.org:8443/c"),
            Ok("https://files.example.org:8443/c".to_owned())
        );
        assert_eq!(
            base("http://127.0.0.1:10000//account/c/"),
            Ok("http://127.0.0.1:10000/account/c".to_owned())
        );
        assert_eq!(base("http://127.0.0.1/account/c/blob"), Err(SasUrlError::NotAContainer));
    }

    #[test]
    fn a_folder_is_no_container() {
        let read = |address| Endpoint::read(address, true).map(|endpoint| endpoint.base);
        assert_eq!(read("https://files.example/c/folder"), Err(SasUrlError::NotAContainer));
        assert_eq!(
            read("https://a.dfs.core.windows.net/c/folder"),
            Err(SasUrlError::NotAContainer)
        );
        assert_eq!(
            read("https://a.dfs.core.windows.net/c"),
            Ok("https://a.blob.core.windows.net/c".to_owned())
        );
    }
}
