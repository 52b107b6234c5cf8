//! The client of two services: the LogMeOnce REST API and Loome Assist, with OAuth 2.0 and Azure blobs by SAS.
