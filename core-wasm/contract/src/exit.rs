//! The one table of exit codes.

use crate::fault::{Category, Code, Fault};

/// What the process tells its caller. The numbers are a promise (README, "Contracts").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitCode {
    /// The command did what it was asked to do, and the answer is positive.
    Success = 0,
    /// Something failed that is neither the input's nor the artifact's fault.
    Internal = 1,
    /// An artifact is not what it claims to be, or two artifacts differ.
    VerificationFailed = 2,
    /// The policy blocks the call.
    PolicyBlocked = 3,
    /// The call waits for an approval.
    ApprovalRequired = 4,
    /// A regression was found.
    RegressFailed = 5,
    /// The input or the usage is wrong.
    InvalidInput = 6,
    /// Something that has to be installed or configured is missing.
    DependencyMissing = 7,
    /// An unsafe operation was refused.
    UnsafeOperation = 8,
}

impl From<&Fault> for ExitCode {
    fn from(fault: &Fault) -> Self {
        // The published envelope files refused unsafe operations under `internal_failure`, with a code of their own.
        if fault.error_code == Code::UnsafeOperation {
            return Self::UnsafeOperation;
        }
        match fault.error_category {
            Category::InvalidInput => Self::InvalidInput,
            Category::VerificationFailed => Self::VerificationFailed,
            Category::PolicyBlocked => Self::PolicyBlocked,
            Category::ApprovalRequired => Self::ApprovalRequired,
            Category::DependencyMissing => Self::DependencyMissing,
            Category::IoFailure
            | Category::StateContention
            | Category::NetworkTransient
            | Category::NetworkPermanent
            | Category::InternalFailure => Self::Internal,
        }
    }
}
