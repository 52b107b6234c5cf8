//! Replays the fuzz corpora on a stable compiler, as core's test of the same name does: here what services send.

#[cfg(test)]
#[path = "../../fuzz/properties/blob_answer.rs"]
mod blob_answer;
#[cfg(test)]
#[path = "../../fuzz/properties/heap.rs"]
mod heap;
#[cfg(test)]
#[path = "../../fuzz/properties/logmeonce_answer.rs"]
mod logmeonce_answer;
#[cfg(test)]
#[path = "../../fuzz/properties/replay.rs"]
mod replay;
#[cfg(test)]
#[path = "../../fuzz/properties/sas_url.rs"]
mod sas_url;
#[cfg(test)]
#[path = "../../fuzz/properties/service.rs"]
mod service;
#[cfg(test)]
#[path = "../../fuzz/properties/xml.rs"]
mod xml;

#[cfg(test)]
mod tests {
    use crate::replay::corpus;
    use crate::{blob_answer, logmeonce_answer, sas_url};

    /// One test, because memory is measured for the whole program.
    #[test]
    fn every_seed_keeps_its_property() {
        corpus("blob_answer", blob_answer::check);
        corpus("logmeonce_answer", logmeonce_answer::check);
        corpus("sas_url", sas_url::check);
    }
}
