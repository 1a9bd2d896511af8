//! Building a read model anew beside the one that is read, and putting it in its place.

use super::projection::{ProjectError, Projected, Projection, model_name, project_into};
use super::read_models::ReadModels;
use super::store::EventStore;

/// Builds the model of `P` anew from the first event, beside the one that is being read, and puts
/// it in its place when it has caught up. Reads `page` events at a time.
///
/// For what a new revision cannot mend: after a restored backup, or when rows are in doubt. A
/// rebuild that was interrupted goes on where it stopped.
///
/// # Errors
/// [`ProjectError`]; the model that is read is as it was.
pub async fn rebuild<P: Projection>(
    events: &dyn EventStore,
    models: &dyn ReadModels,
    page: u32,
) -> Result<Projected, ProjectError> {
    let model = model_name::<P>();
    let beside = format!("{model}~rebuild");
    loop {
        let projected = match project_into::<P>(&beside, events, models, page).await {
            Ok(projected) => projected,
            // An interrupted rebuild from before the store was restored.
            Err(ProjectError::Rewound { .. }) => {
                models.remove(&beside).await?;
                continue;
            }
            Err(error) => return Err(error),
        };
        if projected.events < page.min(super::store::PAGE_EVENTS_MAX - 1) {
            models.replace(&model, &beside).await?;
            return Ok(projected);
        }
    }
}
