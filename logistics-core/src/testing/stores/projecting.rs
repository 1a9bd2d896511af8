//! Cases of [`project`] on the store: rows follow the feed.

use super::Stores;
use super::fixtures::{
    TakingTurns, Tally, all, at, commit, count, query, stream, take, whole_feed,
};
use super::models::{Sums, advance, catch_up, list, sums, sums_model};
use crate::eventsourcing::{Position, ProjectError, StreamId, execute, project};

/// Counts `by` on each of `ids`, a command each.
async fn tally(stores: &Stores, ids: &[&str], by: &[u32]) {
    for (n, id) in ids.iter().enumerate() {
        let (stream, command) = (stream(id), count(format!("{id}-{n}"), by));
        execute::<Tally>(&*stores.events, &stream, &command, at(0), &()).await.expect("taken");
    }
}

fn expected(rows: &[(&str, (u64, u64))]) -> Vec<(String, (u64, u64))> {
    rows.iter().map(|&(key, row)| (key.to_owned(), row)).collect()
}

/// Reading the feed in steps of any size gives the same rows, and reading on at its end nothing.
pub async fn projecting_again_changes_nothing(stores: &Stores) {
    tally(stores, &["a", "b", "a", "a", "c"], &[1, 2]).await;
    let foreign = StreamId::new("OTH", "a").expect("a legal id");
    take(stores, commit(&foreign, "c", 0, 1)).await;
    whole_feed(stores, 11, 100).await;
    let mut steps = 0;
    while project::<Sums>(&*stores.events, &*stores.models, 3).await.expect("projected").events > 0
    {
        steps += 1;
    }
    assert_eq!(steps, 4);
    for _ in 0..2 {
        let found = sums(stores, &["a", "b", "c"]).await;
        assert_eq!(found, expected(&[("a", (9, 6)), ("b", (3, 2)), ("c", (3, 2))]));
        let idle = project::<Sums>(&*stores.events, &*stores.models, 100).await.expect("idle");
        assert_eq!((idle.events, idle.position), (0, Position::new(11)));
    }
    let odd = list(stores, &sums_model(), &query("parity", "odd", true, 9)).await;
    assert!(odd.iter().map(|row| &row.key[..]).eq(["a", "c", "b"]), "{odd:?}");
}

/// Pages of one event, of a few and of all give the same rows.
pub async fn the_size_of_a_step_changes_nothing(stores: &Stores) {
    tally(stores, &["a", "b", "a", "c", "b", "a"], &[1, 2, 3]).await;
    let rows = expected(&[("a", (18, 9)), ("b", (12, 6)), ("c", (6, 3))]);
    for page in [1, 2, 5, 100] {
        stores.models.remove(&sums_model()).await.expect("answered");
        catch_up::<Sums>(stores, 18, page).await;
        assert_eq!(sums(stores, &["a", "b", "c"]).await, rows, "{page} at a time");
    }
}

/// Rows go on with what comes later, from where they stand.
pub async fn projecting_goes_on_with_what_comes(stores: &Stores) {
    for round in 1..=4_u64 {
        for id in ["a", "b"] {
            let command = count(format!("{round}"), &[1, 1]);
            execute::<Tally>(&*stores.events, &stream(id), &command, at(0), &())
                .await
                .expect("taken");
        }
        catch_up::<Sums>(stores, usize::try_from(round * 4).expect("small"), 3).await;
        let row = (round * 2, round * 2);
        assert_eq!(sums(stores, &["a", "b"]).await, expected(&[("a", row), ("b", row)]));
    }
}

/// A row that already has what a page brings, such as after a crash between two models, is left as
/// it is; what it lacks is added.
pub async fn what_a_row_has_is_not_added_again(stores: &Stores) {
    tally(stores, &["a", "b"], &[5, 5, 5]).await;
    catch_up::<Sums>(stores, 6, 100).await;
    let model = sums_model();
    let keys = ["a".to_owned(), "b".to_owned()];
    let kept = stores.models.rows(&model, &keys).await.expect("answered");
    stores.models.remove(&model).await.expect("answered");
    // The rows are there, the checkpoint is at the start.
    assert!(advance(stores, &model, 0, 0, kept).await);
    take(stores, commit(&stream("a"), "later", 3, 1)).await;
    catch_up::<Sums>(stores, 7, 2).await;
    assert_eq!(sums(stores, &["a", "b"]).await, expected(&[("a", (16, 4)), ("b", (15, 3))]));
}

/// Projectors that race for the same model apply each event once.
pub async fn racing_projectors_apply_each_event_once(stores: &Stores) {
    let store = TakingTurns(&*stores.events);
    for n in 0..20 {
        take(stores, commit(&stream(&(n % 4).to_string()), &n.to_string(), n / 4, 1)).await;
    }
    whole_feed(stores, 20, 100).await;
    let projector = async |_: u32| loop {
        let step = project::<Sums>(&store, &*stores.models, 3).await.expect("projected");
        if step.events == 0 {
            break;
        }
    };
    all((0..4).map(projector)).await;
    let found = sums(stores, &["0", "1", "2", "3"]).await;
    assert_eq!(found.len(), 4);
    assert!(found.iter().all(|(_, row)| *row == (5, 5)), "{found:?}");
}

/// A model that has read what the store does not hold stands still and says so.
pub async fn a_model_of_another_past_stands_still(stores: &Stores) {
    tally(stores, &["a"], &[1]).await;
    catch_up::<Sums>(stores, 1, 100).await;
    let model = sums_model();
    stores.models.remove(&model).await.expect("answered");
    assert!(advance(stores, &model, 0, 1, vec![]).await);
    for _ in 0..2 {
        let answer = project::<Sums>(&*stores.events, &*stores.models, 9).await;
        let told = matches!(&answer, Err(ProjectError::Rewound { model: of, position })
            if *of == model && position.get() == 1);
        assert!(told, "{answer:?}");
        assert_eq!(sums(stores, &["a"]).await, []);
    }
}
