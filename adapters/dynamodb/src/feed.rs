//! The feed: commits get their places when it is read.
//!
//! A commit leaves a marker in a queue. Whoever reads near the feed's end first moves the markers
//! into the feed: one transaction puts an entry, advances the end and removes the markers, on
//! condition that the end stands where it was read. So positions have no gaps, every commit gets
//! one place, and of several readers that do this at once all but one do it again.
//!
//! A queue is read in pages, not as it was at one moment: a marker may be seen while the one of
//! the commit before it, in the same stream, is missed. A marker's key is its last version, so the
//! place of the one before it is known, and it is asked for.

use std::collections::{BTreeMap, HashSet};

use aws_sdk_dynamodb::types::AttributeValue;
use logistics_core::eventsourcing::{PAGE_EVENTS_MAX, Position, RecordedEvent, StreamId};

use crate::error::Failure;
use crate::events::read_event;
use crate::item::{Item, Reader, Unreadable, item, number, size};
use crate::keys::{
    FEED_QUEUES, Key, Range, StreamKeys, feed_entry, feed_head, feed_marker, feed_page,
    feed_partition, feed_queue,
};
use crate::plan::{ACTIONS_MAX, Action, Change, Condition, ENTRIES_FOLLOW, Update, keys};
use crate::store::DynamoStore;
use crate::writes::Transacted;

/// Markers read from one queue at a time.
const MARKERS: usize = 250;
/// Entries read at a time.
const ENTRIES: usize = 32;
/// Markers that get their places in one transaction, beside the entry and the end of the feed.
const MARKERS_MAX: usize = ACTIONS_MAX - 2;
/// Bytes of markers in one entry: well below what an item may hold.
const ENTRY_BYTES: usize = 256 * 1024;

impl DynamoStore {
    /// The events behind `after`, at most `limit`.
    pub(crate) async fn read_feed(
        &self,
        after: Position,
        limit: u32,
    ) -> Result<Vec<RecordedEvent>, Failure> {
        let (after, limit) = (after.get(), u64::from(limit.min(PAGE_EVENTS_MAX)));
        let wanted = after.saturating_add(limit);
        let mut end = self.feed_end().await?;
        let mut backoff = self.backoff();
        while end < wanted {
            match self.sequence(end).await? {
                Sequenced::Nothing => break,
                Sequenced::UpTo(position) => end = position,
                Sequenced::Overtaken => {
                    if !backoff.pause().await {
                        break;
                    }
                    end = self.feed_end().await?;
                }
            }
        }
        self.read_places(after, end.min(wanted)).await
    }

    async fn feed_end(&self) -> Result<u64, Failure> {
        match self.get(&feed_head()).await? {
            Some(head) => Ok(Reader(&head).number("position")?),
            None => Ok(0),
        }
    }

    /// Gives places to the commits that wait. The feed ended at `end` before this was called: what
    /// another reader has moved since then makes the transaction fail.
    async fn sequence(&self, end: u64) -> Result<Sequenced, Failure> {
        let markers = self.markers().await?;
        let mut position = end;
        for marker in markers.iter().filter(|marker| marker.item.contains_key(ENTRIES_FOLLOW)) {
            self.settle_entries(&marker.stream, &keys(&marker.item, ENTRIES_FOLLOW)?).await?;
        }
        for portion in portions(markers) {
            let events: usize = portion.iter().map(|marker| marker.events).sum();
            let to = position + u64::try_from(events).unwrap_or(u64::MAX);
            match self.transact(&sequence_plan(&portion, position, to)).await {
                Ok(Transacted::Done) => position = to,
                Ok(Transacted::Cancelled(_)) => return Ok(Sequenced::Overtaken),
                // If it was done, the end tells.
                Err(failure) if failure.unknown || failure.is_throttled() => {
                    return Ok(Sequenced::Overtaken);
                }
                Err(failure) => return Err(failure),
            }
        }
        Ok(if position == end { Sequenced::Nothing } else { Sequenced::UpTo(position) })
    }

    /// The markers that wait, each stream's in their order and without a gap before them.
    async fn markers(&self) -> Result<Vec<Marker>, Failure> {
        let queues = (0..FEED_QUEUES).map(|queue| {
            let store = self.clone();
            async move { store.query(None, &Range::all(feed_queue(queue)), false, MARKERS).await }
        });
        let items = self.side_by_side(queues).await?.into_iter().flatten();
        let markers: Vec<Marker> = items.map(Marker::read).collect::<Result<_, _>>()?;
        let mut firsts: BTreeMap<&StreamId, u64> = BTreeMap::new();
        for marker in &markers {
            firsts.entry(&marker.stream).or_insert(marker.first);
        }
        let before = firsts.iter().filter(|(_, first)| **first > 1);
        let before = before.map(|(stream, first)| feed_marker(stream, first - 1));
        // A marker that is gone by now was given its place, for good.
        let waiting = self.get_many(before).await?;
        let mut missed: HashSet<StreamId> = HashSet::new();
        for item in waiting.into_values() {
            missed.insert(Marker::read(item)?.stream);
        }
        Ok(without_gaps(markers, missed))
    }

    /// The events with positions `after + 1` to `to`.
    async fn read_places(&self, after: u64, to: u64) -> Result<Vec<RecordedEvent>, Failure> {
        let mut places: Vec<(StreamId, Key)> = Vec::new();
        let mut position = after;
        for page in feed_page(after + 1)..=feed_page(to) {
            let range = Range::all(feed_partition(page)).above(format!("{position:020}"));
            let mut start = None;
            while position < to {
                let (entries, next) = self.query_page(None, &range, false, ENTRIES, start).await?;
                for entry in &entries {
                    let last: u64 = Reader(entry).number("last")?;
                    let (first, all) = (last + 1, read_entry(entry)?);
                    let first = first - u64::try_from(all.len()).unwrap_or(0);
                    for (place, event) in (first..=last).zip(all) {
                        if place == position + 1 && place <= to {
                            places.push(event);
                            position = place;
                        }
                    }
                }
                start = next;
                if start.is_none() {
                    break;
                }
            }
        }
        if position < to {
            return Err(Failure::corrupt(format!("the feed has nothing at {}", position + 1)));
        }
        let mut items = self.get_many(places.iter().map(|(_, key)| key.clone())).await?;
        let events = (after + 1..).zip(places).map(|(position, (stream, key))| {
            let item = items.remove(&key);
            let missing = || Failure::corrupt(format!("{} / {} is missing", key.pk, key.sk));
            let (_, event) = read_event(&stream, &item.ok_or_else(missing)?)?;
            Ok(RecordedEvent { position: Position::new(position), ..event })
        });
        events.collect()
    }
}

/// What became of giving commits their places.
enum Sequenced {
    /// None waits.
    Nothing,
    /// The feed ends here now.
    UpTo(u64),
    /// Another reader was faster: where the feed ends is to be read again.
    Overtaken,
}

/// A commit that waits for its place.
#[derive(Debug, Clone)]
struct Marker {
    stream: StreamId,
    /// The version of its first event.
    first: u64,
    /// How many events it has.
    events: usize,
    item: Item,
}

impl Marker {
    fn read(item: Item) -> Result<Self, Unreadable> {
        let reader = Reader(&item);
        let (stream, events) = (stream(reader)?, reader.list("events")?.len());
        let first = reader.number("first")?;
        Ok(Self { stream, first, events, item })
    }

    /// What the entry says of it.
    fn place(&self) -> Option<AttributeValue> {
        let attribute = |name| Some((String::from(name), self.item.get(name)?.clone()));
        Some(AttributeValue::M(Item::from([attribute("stream")?, attribute("events")?])))
    }
}

fn stream(item: Reader<'_>) -> Result<StreamId, Unreadable> {
    item.need("stream", StreamId::try_from(item.text("stream")?.to_owned()).ok())
}

/// `markers` without those that come behind a missed one: not of the streams in `missed`, and of
/// each other stream only those that follow each other.
fn without_gaps(markers: Vec<Marker>, mut missed: HashSet<StreamId>) -> Vec<Marker> {
    let mut nexts: BTreeMap<StreamId, u64> = BTreeMap::new();
    let mut follows = |marker: &Marker| {
        let next = nexts.entry(marker.stream.clone()).or_insert(marker.first);
        if *next != marker.first {
            missed.insert(marker.stream.clone());
        }
        *next = marker.first + u64::try_from(marker.events).unwrap_or(0);
        !missed.contains(&marker.stream)
    };
    markers.into_iter().filter(|marker| follows(marker)).collect()
}

/// `markers` in portions for one transaction each.
fn portions(markers: Vec<Marker>) -> Vec<Vec<Marker>> {
    let mut portions: Vec<Vec<Marker>> = Vec::new();
    let mut bytes = 0;
    for marker in markers {
        bytes += size(&marker.item);
        match portions.last_mut() {
            Some(portion) if portion.len() < MARKERS_MAX && bytes <= ENTRY_BYTES => {
                portion.push(marker);
            }
            _ => {
                bytes = size(&marker.item);
                portions.push(vec![marker]);
            }
        }
    }
    portions
}

/// Moves `markers` into the feed, whose end goes `from` one position `to` another.
fn sequence_plan(markers: &[Marker], from: u64, to: u64) -> Vec<Action> {
    let mut end = Update::new(feed_head());
    end.set("position", number(to));
    let stands =
        if from == 0 { Condition::Absent } else { Condition::Equal("position", number(from)) };
    let places = markers.iter().filter_map(Marker::place).collect();
    let entry = item(
        &feed_entry(to),
        [("last", Some(number(to))), ("places", Some(AttributeValue::L(places)))],
    );
    let gone = markers.iter().filter_map(|marker| {
        let key = Reader(&marker.item).key().ok()?;
        Some(Action::new(Change::Delete(key), Condition::Present))
    });
    let first = [Action::new(Change::Update(end), stands), Action::create(entry)];
    first.into_iter().chain(gone).collect()
}

/// The events of an entry, by stream and key.
fn read_entry(entry: &Item) -> Result<Vec<(StreamId, Key)>, Unreadable> {
    let mut events = Vec::new();
    for place in Reader(entry).list("places")? {
        let place = Reader(entry).need("places", place.as_m().ok())?;
        let stream = stream(Reader(place))?;
        let pk = StreamKeys::of(&stream).head().pk;
        let sorts = Reader(place).texts("events")?;
        events.extend(sorts.into_iter().map(|sort| (stream.clone(), Key::new(&*pk, sort))));
    }
    Ok(events)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::text;
    use crate::plan::check_limits;

    /// The marker of a commit of `events` events of the stream `id`, from version `first` on.
    fn marker(id: &str, first: u64, events: usize) -> Marker {
        let stream = StreamId::new("SHP", id).unwrap();
        let last = first + u64::try_from(events).unwrap() - 1;
        let sorts = (0..events).map(|n| text(format!("EVT#{n}"))).collect();
        let attributes = [
            ("stream", Some(text(stream.as_str()))),
            ("first", Some(number(first))),
            ("events", Some(AttributeValue::L(sorts))),
        ];
        Marker::read(item(&feed_marker(&stream, last), attributes)).unwrap()
    }

    fn places(markers: &[Marker]) -> Vec<(&str, u64)> {
        markers.iter().map(|marker| (marker.stream.id(), marker.first)).collect()
    }

    #[test]
    fn what_comes_behind_a_missed_commit_waits_for_it() {
        let seen = vec![
            marker("a", 1, 2),
            marker("a", 3, 1),
            marker("b", 4, 1),
            marker("c", 1, 1),
            // The commit of version 2 was made while the queue was being read.
            marker("c", 3, 1),
            marker("c", 4, 1),
        ];
        let missed = HashSet::from([StreamId::new("SHP", "b").unwrap()]);
        let kept = without_gaps(seen, missed);
        assert_eq!(places(&kept), [("a", 1), ("a", 3), ("c", 1)]);
    }

    #[test]
    fn a_backlog_is_moved_in_portions_that_fit() {
        let many = |count: u64, events: usize| {
            let first = move |n: u64| 1 + (n - 1) * u64::try_from(events).unwrap();
            (1..=count).map(move |n| marker("a", first(n), events))
        };
        assert_eq!(portions(many(MARKERS_MAX as u64, 1).collect()).len(), 1);
        let two = portions(many(MARKERS_MAX as u64 + 1, 1).collect());
        assert_eq!(two.iter().map(Vec::len).collect::<Vec<_>>(), [MARKERS_MAX, 1]);
        // Each of these is some 35 kB.
        let heavy = portions(many(9, 4_000).collect());
        assert!(heavy.len() > 1 && heavy.concat().len() == 9, "{}", heavy.len());
        for portion in [&two[0], &heavy[0]] {
            let to = 7 + portion.iter().map(|marker| marker.events as u64).sum::<u64>();
            let plan = sequence_plan(portion, 7, to);
            assert_eq!((plan.len(), check_limits(&plan)), (portion.len() + 2, Ok(())));
            let Change::Put(entry) = &plan[1].change else { panic!("{:?}", plan[1]) };
            assert_eq!(read_entry(entry).unwrap().len() as u64, to - 7);
        }
    }
}
