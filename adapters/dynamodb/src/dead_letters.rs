//! The dead letters' port: one partition, its letters numbered by its head.

use async_trait::async_trait;
use logistics_core::eventsourcing::StoreError;
use logistics_core::ids::PartnerId;
use logistics_core::telemetry::{DeadLetter, DeadLetters, Form};

use crate::error::Failure;
use crate::item::{Item, Reader, Unreadable, bytes, item, number, text, time};
use crate::keys::{Key, Range};
use crate::plan::{ACTIONS_MAX, Action, Change, Condition, Update};
use crate::store::DynamoStore;
use crate::writes::{Transacted, Written};

/// Letters kept in one transaction, beside the head.
const LETTERS_MAX: usize = ACTIONS_MAX - 1;
/// Bytes of payload in one transaction: well below what it may hold.
const PAYLOAD_BYTES: usize = 2 * 1024 * 1024;

#[async_trait]
impl DeadLetters for DynamoStore {
    async fn bury(&self, letters: &[DeadLetter]) -> Result<(), StoreError> {
        self.keep_letters(letters).await.map_err(|failure| failure.during("keep dead letters"))
    }

    async fn list(&self, after: u64, limit: u32) -> Result<Vec<DeadLetter>, StoreError> {
        let letters = self.letters(after, usize::try_from(limit).unwrap_or(usize::MAX)).await;
        letters.map_err(|failure| failure.during("list dead letters"))
    }

    async fn amend(&self, letter: &DeadLetter) -> Result<bool, StoreError> {
        let put = Change::Put(written(letter.id, letter));
        self.if_there(put).await.map_err(|failure| failure.during("amend a dead letter"))
    }

    async fn remove(&self, id: u64) -> Result<bool, StoreError> {
        let delete = Change::Delete(letter_key(id));
        self.if_there(delete).await.map_err(|failure| failure.during("remove a dead letter"))
    }
}

/// What the head says: letters from `first` on may be there, up to `last`.
#[derive(Debug, Clone, Copy)]
struct Head {
    first: u64,
    last: u64,
}

fn head_key() -> Key {
    Key::new("DLQ", "HEAD")
}

fn letter_key(id: u64) -> Key {
    Key::new("DLQ", format!("LETTER#{id:020}"))
}

impl DynamoStore {
    /// Makes a change to a letter; says whether the letter was there.
    async fn if_there(&self, change: Change) -> Result<bool, Failure> {
        let written = self.write(Action::new(change, Condition::Present)).await?;
        Ok(written == Written::Done)
    }

    async fn letters_head(&self) -> Result<Head, Failure> {
        let Some(item) = self.get(&head_key()).await? else {
            return Ok(Head { first: 1, last: 0 });
        };
        Ok(Head { first: Reader(&item).number("first")?, last: Reader(&item).number("last")? })
    }

    async fn keep_letters(&self, letters: &[DeadLetter]) -> Result<(), Failure> {
        let max = usize::try_from(self.config().dead_letters_max).unwrap_or(usize::MAX);
        // What would go at once is numbered and not kept.
        let mut skipped = letters.len().saturating_sub(max);
        let mut rest = letters.get(skipped..).unwrap_or_default();
        let mut backoff = self.backoff();
        while !rest.is_empty() || skipped > 0 {
            let head = self.letters_head().await?;
            let portion = portion(rest);
            if self.transact_patiently(&keep(head, skipped, portion)).await? == Transacted::Done {
                rest = rest.get(portion.len()..).unwrap_or_default();
                skipped = 0;
            } else if !backoff.pause().await {
                return Err(Failure::throttled("others keep dead letters all the time"));
            }
        }
        self.drop_oldest_letters().await
    }

    /// Removes what is beyond the bound. What a crash leaves behind goes the next time.
    async fn drop_oldest_letters(&self) -> Result<(), Failure> {
        let head = self.letters_head().await?;
        let first = oldest_kept(head, self.config().dead_letters_max);
        if first <= head.first {
            return Ok(());
        }
        self.write_all(Vec::new(), (head.first..first).map(letter_key)).await?;
        let mut moved = Update::new(head_key());
        moved.set("first", number(first));
        // Not back: another process may have removed more.
        let forward = Condition::Less("first", number(first));
        self.write(Action::new(Change::Update(moved), forward)).await.map(drop)
    }

    async fn letters(&self, after: u64, limit: usize) -> Result<Vec<DeadLetter>, Failure> {
        let head = self.letters_head().await?;
        let after = after.max(oldest_kept(head, self.config().dead_letters_max) - 1);
        let range = Range::prefixed("DLQ", "LETTER#".to_owned()).above(letter_key(after).sk);
        let items = self.query(None, &range, false, limit).await?;
        Ok(items.iter().map(read).collect::<Result<_, _>>()?)
    }
}

/// The number of the oldest letter within the bound.
fn oldest_kept(head: Head, max: u64) -> u64 {
    head.first.max((head.last + 1).saturating_sub(max)).max(1)
}

/// The first of `letters`, as many as a transaction takes.
fn portion(letters: &[DeadLetter]) -> &[DeadLetter] {
    let mut bytes = 0;
    let fits = |letter: &&DeadLetter| {
        bytes += letter.payload.len() + letter.detail.len() + letter.source.len();
        bytes <= PAYLOAD_BYTES
    };
    let count = letters.iter().take(LETTERS_MAX).take_while(fits).count();
    // One alone is tried whatever its size.
    letters.get(..count.max(1)).unwrap_or_default()
}

/// Numbers and keeps `letters`, behind `skipped` numbers that stay without one.
fn keep(head: Head, skipped: usize, letters: &[DeadLetter]) -> Vec<Action> {
    let first = head.last + u64::try_from(skipped).unwrap_or(0) + 1;
    let puts = (first..).zip(letters).map(|(id, letter)| Action::create(written(id, letter)));
    let puts: Vec<Action> = puts.collect();
    let mut moved = Update::new(head_key());
    moved.set("last", number(first - 1 + u64::try_from(puts.len()).unwrap_or(0)));
    moved.set("first", number(head.first));
    let stands = if head.last == 0 {
        Condition::Absent
    } else {
        Condition::All(vec![
            Condition::Equal("last", number(head.last)),
            Condition::Equal("first", number(head.first)),
        ])
    };
    std::iter::once(Action::new(Change::Update(moved), stands)).chain(puts).collect()
}

fn written(id: u64, letter: &DeadLetter) -> Item {
    item(
        &letter_key(id),
        [
            ("id", Some(number(id))),
            ("received", Some(time(letter.received_at))),
            ("source", Some(text(&*letter.source))),
            ("partner", letter.partner.as_ref().map(|partner| text(partner.as_str()))),
            ("form", Some(text(letter.form.name()))),
            ("code", Some(text(&*letter.code))),
            ("detail", Some(text(&*letter.detail))),
            ("payload", Some(bytes(&*letter.payload))),
        ],
    )
}

fn read(item: &Item) -> Result<DeadLetter, Unreadable> {
    let item = Reader(item);
    Ok(DeadLetter {
        id: item.number("id")?,
        received_at: item.time("received")?,
        source: item.text("source")?.to_owned(),
        partner: match item.find_text("partner") {
            Some(partner) => Some(item.need("partner", PartnerId::new(partner).ok())?),
            None => None,
        },
        // Letters of older programs have none.
        form: match item.find_text("form") {
            Some(form) => item.need("form", Form::from_name(form))?,
            None => Form::Canonical,
        },
        code: item.text("code")?.to_owned(),
        detail: item.text("detail")?.to_owned(),
        payload: item.bytes("payload")?.to_vec(),
    })
}
