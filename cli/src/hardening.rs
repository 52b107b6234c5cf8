//! What keeps the memory of this process to itself: no core dumps, no debugger of the same user, no swap.
//!
//! Best effort: a command is never refused because a protection is missing. What is in force is asked of the system, not
//! remembered, and shown by `zkv doctor`. What this does not do is in docs/hardening.md.
//!
//! What there is depends on the system. Windows has a list of the programs of which it keeps no memory after a crash, and can
//! encrypt its page file. macOS has a limit for core dumps.

/// Protects the process. The first thing that the program does: before a secret is read, and before there are threads.
pub(crate) fn harden() {
    system::harden();
}

/// A protection, and whether it is in force.
#[derive(Debug)]
pub(crate) struct Protection {
    pub(crate) name: &'static str,
    pub(crate) in_force: bool,
    /// What the system says, for people.
    pub(crate) detail: String,
    /// What can be done about one that is not in force.
    pub(crate) hint: &'static str,
}

/// The protections as the system has them now.
pub(crate) fn protections() -> Vec<Protection> {
    system::protections()
}

/// Whether nothing of the memory is ever written to a swap.
pub(crate) fn is_memory_locked() -> bool {
    protections()
        .iter()
        .any(|protection| protection.name == SWAP && protection.in_force)
}

const SWAP: &str = "swap";

#[cfg(target_os = "linux")]
mod system {
    use rustix::mm::{MlockAllFlags, mlockall};
    use rustix::process::{
        DumpableBehavior, Resource, Rlimit, dumpable_behavior, getrlimit, set_dumpable_behavior, setrlimit,
    };
    use rustix::thread::{CapabilitySet, capabilities};

    use super::{Protection, SWAP};

    const NO_CORE: Rlimit = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };

    pub(super) fn harden() {
        // The hard limit as well: nothing that runs later can raise it again.
        let _ = setrlimit(Resource::Core, NO_CORE);
        // Where core dumps go to a program, the limit counts for nothing, and this does. It also keeps processes of the
        // same user from attaching to this one and from reading its memory and environment in /proc.
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
        if may_lock_all() {
            // A page is locked when it is first used: nothing is read in for it.
            let _ = mlockall(MlockAllFlags::CURRENT | MlockAllFlags::FUTURE | MlockAllFlags::ONFAULT);
        }
    }

    /// All or nothing. Under a limit of some megabytes, which is what users have, locking everything would make the
    /// 64 MiB of Argon2id or the buffers of a transfer fail; and to lock only the keys would leave out the passphrase,
    /// the key schedules and every plaintext.
    fn may_lock_all() -> bool {
        getrlimit(Resource::Memlock).current.is_none()
            || capabilities(None).is_ok_and(|capabilities| capabilities.effective.contains(CapabilitySet::IPC_LOCK))
    }

    pub(super) fn protections() -> Vec<Protection> {
        vec![core_dumps(), debuggers(), swap()]
    }

    fn core_dumps() -> Protection {
        let limit = getrlimit(Resource::Core);
        let in_force = limit == NO_CORE;
        Protection {
            name: "core dumps",
            in_force,
            detail: match in_force {
                true => "none is written: the limit is 0, and cannot be raised".to_owned(),
                false => format!("the limit is {limit:?}"),
            },
            hint: "ulimit -c 0 before zkv is started",
        }
    }

    fn debuggers() -> Protection {
        let in_force = matches!(dumpable_behavior(), Ok(DumpableBehavior::NotDumpable));
        Protection {
            name: "debuggers",
            in_force,
            detail: match in_force {
                true => "other processes of this user cannot attach or read the memory",
                false => "other processes of this user may attach and read the memory",
            }
            .to_owned(),
            hint: "the system refused to make the process undumpable (PR_SET_DUMPABLE)",
        }
    }

    fn swap() -> Protection {
        let (in_force, detail) = match (locked_kib(), has_swap()) {
            (Some(1..), _) => (true, "all memory is locked, and never swapped"),
            (_, Some(false)) => (true, "memory is not locked, but this machine has no swap"),
            (_, Some(true)) => (
                false,
                "memory is not locked, and may be written to the swap of this machine",
            ),
            (_, None) => (false, "memory is not locked, and whether there is swap is not known"),
        };
        Protection {
            name: SWAP,
            in_force,
            detail: detail.to_owned(),
            hint: "run zkv where ulimit -l says unlimited, or see that the swap is encrypted",
        }
    }

    /// How much of the memory is locked.
    fn locked_kib() -> Option<u64> {
        let status = std::fs::read_to_string("/proc/self/status").ok()?;
        let locked = status.lines().find_map(|line| line.strip_prefix("VmLck:"))?;
        locked.trim().trim_end_matches("kB").trim_end().parse().ok()
    }

    /// One line for each swap, after a heading.
    fn has_swap() -> Option<bool> {
        let swaps = std::fs::read_to_string("/proc/swaps").ok()?;
        Some(swaps.lines().count() > 1)
    }
}

#[cfg(windows)]
mod system {
    use winsafe::co::{KEY, REG_OPTION, RRF};
    use winsafe::{HKEY, RegistryValue};

    use super::{Protection, SWAP};

    /// Where Windows Error Reporting looks which programs of this user it leaves alone (`WerAddExcludedApplication`).
    const EXCLUDED: &str = r"Software\Microsoft\Windows\Windows Error Reporting\ExcludedApplications";
    const PROGRAM: &str = "zkv.exe";
    const FILE_SYSTEM: &str = r"SYSTEM\CurrentControlSet\Control\FileSystem";
    const ENCRYPTED: &str = "NtfsEncryptPagingFile";

    /// Once for a user: it stays.
    pub(super) fn harden() {
        if is_excluded() {
            return;
        }
        // Best effort, as everything here.
        let key = HKEY::CURRENT_USER.RegCreateKeyEx(EXCLUDED, None, REG_OPTION::NON_VOLATILE, KEY::SET_VALUE, None);
        let _ = key.and_then(|(key, _)| key.RegSetValueEx(Some(PROGRAM), RegistryValue::Dword(1)));
    }

    fn is_excluded() -> bool {
        is_one(&HKEY::CURRENT_USER, EXCLUDED, PROGRAM)
    }

    fn is_one(root: &HKEY, key: &str, name: &str) -> bool {
        matches!(
            root.RegGetValue(Some(key), Some(name), RRF::RT_DWORD),
            Ok(RegistryValue::Dword(1))
        )
    }

    pub(super) fn protections() -> Vec<Protection> {
        vec![reports(), debuggers(), swap()]
    }

    fn reports() -> Protection {
        let in_force = is_excluded();
        Protection {
            name: "core dumps",
            in_force,
            detail: match in_force {
                true => "Windows Error Reporting is told to leave zkv alone",
                false => "Windows Error Reporting may write the memory to a file when zkv crashes",
            }
            .to_owned(),
            hint: r"set HKCU\Software\Microsoft\Windows\Windows Error Reporting\ExcludedApplications\zkv.exe to 1",
        }
    }

    fn debuggers() -> Protection {
        Protection {
            name: "debuggers",
            in_force: false,
            detail: "other processes of this user may read the memory: Windows has nothing against that".to_owned(),
            hint: "see docs/hardening.md",
        }
    }

    /// To lock all memory of a process is not possible on Windows.
    fn swap() -> Protection {
        let in_force = is_one(&HKEY::LOCAL_MACHINE, FILE_SYSTEM, ENCRYPTED);
        Protection {
            name: SWAP,
            in_force,
            detail: match in_force {
                true => "the page file is encrypted, under a key that is gone when the machine is turned off",
                false => "memory is not locked, and may be written to the page file of this machine",
            }
            .to_owned(),
            hint: "fsutil behavior set EncryptPagingFile 1 as an administrator, or BitLocker",
        }
    }
}

#[cfg(not(any(target_os = "linux", windows)))]
mod system {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    use super::{Protection, SWAP};

    const NO_CORE: Rlimit = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };

    pub(super) fn harden() {
        let _ = setrlimit(Resource::Core, NO_CORE);
    }

    pub(super) fn protections() -> Vec<Protection> {
        let missing = |name| Protection {
            name,
            in_force: false,
            detail: "not supported on this system".to_owned(),
            hint: "see docs/hardening.md",
        };
        let limit = getrlimit(Resource::Core);
        let core = Protection {
            in_force: limit == NO_CORE,
            detail: match limit == NO_CORE {
                true => "none is written: the limit is 0, and cannot be raised".to_owned(),
                false => format!("the limit is {limit:?}"),
            },
            hint: "ulimit -c 0 before zkv is started",
            ..missing("core dumps")
        };
        vec![core, missing("debuggers"), missing(SWAP)]
    }
}
