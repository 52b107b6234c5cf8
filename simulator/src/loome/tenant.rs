//! What a tenant of Loome Assist has: projects with their people, data repositories and workstations.

use serde_json::{Value, json};

/// A tenant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tenant {
    /// Its projects.
    pub projects: Vec<Project>,
    /// Names of storage accounts that others have: names are unique in all of Azure.
    pub taken_names: Vec<String>,
}

/// A project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// Its number.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// What it is about.
    pub description: String,
    /// The email addresses of its members.
    pub members: Vec<String>,
    /// Its data repositories.
    pub repositories: Vec<DataRepository>,
    /// Its workstations.
    pub workstations: Vec<Workstation>,
}

/// A data repository: a storage account, of which zkvault uses one container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataRepository {
    /// Its number.
    pub id: u64,
    /// The name of the storage account, and of the container.
    pub name: String,
    /// What it holds.
    pub description: String,
    /// How it is reached.
    pub network: Network,
}

/// A workstation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workstation {
    /// Its id, which is a text.
    pub id: String,
    /// Its name.
    pub name: String,
    /// How it is reached.
    pub network: Network,
}

/// The five things that the page tells of a network configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network {
    /// The DNS name.
    pub dns_name: String,
    /// The IP address.
    pub ip_address: String,
    /// The address space and the subnet of the private network, if it is in one.
    pub private: Option<(String, String)>,
}

impl Tenant {
    /// The number of the first project of [`demo`](Self::demo).
    pub const DEMO_PROJECT: u64 = 12;
    /// The number of its first data repository, which is in a private network.
    pub const DEMO_REPOSITORY: u64 = 340;
    /// The number of its second data repository.
    pub const DEMO_BACKUPS: u64 = 341;
    /// The id of its first workstation.
    pub const DEMO_WORKSTATION: &str = "6f1c2a7e-0d7b-4a52-9d0e-3d6c1b1f8a11";
    /// A member of both of its projects.
    pub const DEMO_EMAIL: &str = "mara.halden@haldenfrey.example";

    /// A believable tenant: two projects of Halden & Frey, makers of sailing gear.
    #[must_use]
    pub fn demo() -> Self {
        let hulls = Project {
            id: Self::DEMO_PROJECT,
            name: "Hull models".to_owned(),
            description: "Drag of new hulls, simulated".to_owned(),
            members: vec![Self::DEMO_EMAIL.to_owned(), "jonas.frey@haldenfrey.example".to_owned()],
            repositories: vec![
                repository(Self::DEMO_REPOSITORY, "hullruns", "Results of all runs", true),
                repository(Self::DEMO_BACKUPS, "hullbackups", "Vault backups", false),
            ],
            workstations: vec![Workstation {
                id: Self::DEMO_WORKSTATION.to_owned(),
                name: "hull-01".to_owned(),
                network: network("hull-01.internal.haldenfrey.example", "10.20.1.5", true),
            }],
        };
        let sails = Project {
            id: 15,
            name: "Sail cloth".to_owned(),
            description: "Tests of laminates".to_owned(),
            members: vec![Self::DEMO_EMAIL.to_owned()],
            repositories: Vec::new(),
            workstations: Vec::new(),
        };
        Self {
            projects: vec![hulls, sails],
            taken_names: vec!["haldenfrey".to_owned()],
        }
    }

    pub(super) fn project(&self, id: u64) -> Option<&Project> {
        self.projects.iter().find(|project| project.id == id)
    }

    pub(super) fn project_mut(&mut self, id: u64) -> Option<&mut Project> {
        self.projects.iter_mut().find(|project| project.id == id)
    }

    /// The data repository of a name, in any project.
    pub(super) fn named(&self, name: &str) -> Option<&DataRepository> {
        let mut all = self.projects.iter().flat_map(|project| &project.repositories);
        all.find(|repository| repository.name == name)
    }

    pub(super) fn is_taken(&self, name: &str) -> bool {
        self.named(name).is_some() || self.taken_names.iter().any(|taken| taken == name)
    }

    /// A number that no data repository has.
    pub(super) fn next_repository_id(&self) -> u64 {
        let all = self.projects.iter().flat_map(|project| &project.repositories);
        all.map(|repository| repository.id)
            .max()
            .unwrap_or(Self::DEMO_REPOSITORY)
            + 1
    }
}

impl Project {
    pub(super) fn has_member(&self, email: &str) -> bool {
        self.members.iter().any(|member| member.eq_ignore_ascii_case(email))
    }

    pub(super) fn document(&self) -> Value {
        json!({"id": self.id, "name": self.name, "description": self.description, "status": "Active"})
    }
}

impl DataRepository {
    pub(super) fn new(id: u64, name: &str, description: &str) -> Self {
        repository(id, name, description, false)
    }

    pub(super) fn document(&self, project: u64) -> Value {
        json!({
            "id": self.id,
            "projectId": project,
            "name": self.name,
            "description": self.description,
            "type": "Azure Blob Storage",
            "storageAccountName": self.name,
        })
    }
}

impl Workstation {
    pub(super) fn document(&self, project: u64) -> Value {
        json!({"id": self.id, "projectId": project, "name": self.name, "status": "Running"})
    }
}

impl Network {
    pub(super) fn document(&self) -> Value {
        let (space, subnet) = self.private.clone().unzip();
        json!({
            "isInPrivateNetwork": self.private.is_some(),
            "dnsName": self.dns_name,
            "ipAddress": self.ip_address,
            "addressSpace": space,
            "subnet": subnet,
        })
    }
}

fn repository(id: u64, name: &str, description: &str, private: bool) -> DataRepository {
    let address = if private { "10.20.1.4" } else { "20.60.17.4" };
    DataRepository {
        id,
        name: name.to_owned(),
        description: description.to_owned(),
        network: network(&format!("{name}.blob.core.windows.net"), address, private),
    }
}

fn network(dns_name: &str, ip_address: &str, private: bool) -> Network {
    Network {
        dns_name: dns_name.to_owned(),
        ip_address: ip_address.to_owned(),
        private: private.then(|| ("10.20.0.0/16".to_owned(), "10.20.1.0/24".to_owned())),
    }
}
