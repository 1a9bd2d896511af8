//! Breaks of a VROOM vehicle.

use super::Echo;
use super::parts::{echo, window};
use super::value::Fields;
use crate::formats::FormatError;
use crate::problem::Break;
use crate::units::Seconds;

/// The breaks, and what the answer repeats of them, in the order of their first windows:
/// that is the order in which VROOM has them taken too.
pub(super) fn breaks(vehicle: &mut Fields<'_>) -> Result<(Vec<Break>, Vec<Echo>), FormatError> {
    let path = vehicle.path("breaks");
    let mut breaks = Vec::new();
    for (index, value) in vehicle.list("breaks")?.iter().enumerate() {
        let mut fields = Fields::new(format!("{path}[{index}]"), value)?;
        let echo = echo(&mut fields)?;
        let service = Seconds(fields.i64("service")?.unwrap_or(0));
        let mut rest = Break::new(echo.id.to_string(), service);
        let path = fields.path("time_windows");
        for value in fields.list("time_windows")? {
            rest.windows.push(window(&path, value)?);
        }
        rest.windows.sort_unstable();
        fields.finish()?;
        breaks.push((rest, echo));
    }
    breaks.sort_by_key(|(rest, _)| rest.windows.first().copied());
    Ok(breaks.into_iter().unzip())
}
