//! How large a problem may be. Whoever passes outside input on is safe behind these:
//! past a limit the builder answers with an error and never with an endless run.

/// Most jobs in one problem.
pub const MAX_JOBS: usize = 8_000;
/// Most vehicles in one problem.
pub const MAX_VEHICLES: usize = 8_000;
/// Most places in one problem.
pub const MAX_LOCATIONS: usize = 16_000;
/// Most ways of travelling.
pub const MAX_PROFILES: usize = 64;
/// Most matrix cells of all kinds of vehicle together (four bytes each, several
/// matrices of them).
pub const MAX_MATRIX_CELLS: usize = 1 << 27;
/// Most quantities in an amount.
pub const MAX_DIMENSIONS: usize = 16;
/// Most time windows of one job.
pub const MAX_WINDOWS: usize = 64;
/// Most breaks of one vehicle.
pub const MAX_BREAKS: usize = 8;
/// How often one vehicle may reload at most.
pub const MAX_RELOADS: usize = 64;
/// Most skills of one job or vehicle.
pub const MAX_SKILLS: usize = 256;
/// Longest id, in bytes.
pub const MAX_ID_BYTES: usize = 256;
/// Greatest moment or duration, in seconds (about 35 000 years).
pub const MAX_TIME: i64 = 1 << 40;
/// Greatest single amount or capacity.
pub const MAX_AMOUNT: i64 = 1 << 40;
/// Greatest single cost: of using a vehicle, of leaving a job out, of a change, of a stop's
/// lateness.
pub const MAX_COST: i64 = 1 << 45;
/// Greatest preference, for or against; with `MAX_VEHICLES` of them on a job they still add
/// up to no more than [`MAX_COST`].
pub const MAX_PREFERENCE: i64 = 1 << 32;
/// Greatest priority of a job.
pub const MAX_PRIORITY: u8 = 100;
