//! The table: its keys and indexes, made for development and tests.

use std::time::Duration;

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType, TableStatus, TimeToLiveSpecification,
};

use crate::error::CreateTableError;
use crate::keys::{GSIS, PK, SK, TTL};
use crate::store::DynamoStore;

/// How often it is asked whether a new table is ready.
const POLL: Duration = Duration::from_millis(250);
/// How often at most: for a minute.
const POLLS_MAX: u32 = 240;

type Source = Box<dyn std::error::Error + Send + Sync>;

impl DynamoStore {
    /// Makes the store's table and waits until it can be used: billed by request, five indexes of
    /// keys, time to live on the attribute `ttl`.
    ///
    /// For development and tests; where infrastructure is described elsewhere, describe the table
    /// there.
    ///
    /// # Errors
    /// [`CreateTableError`].
    pub async fn create_table(&self) -> Result<(), CreateTableError> {
        let table = self.table().to_owned();
        let request = self.client().create_table().table_name(&table);
        let failed = |source: Source| CreateTableError::Failed { table: table.clone(), source };
        let attributes = attributes().map_err(|error| failed(error.into()))?;
        let request = request
            .billing_mode(BillingMode::PayPerRequest)
            .set_attribute_definitions(Some(attributes))
            .set_key_schema(Some(keys(PK, SK).map_err(|error| failed(error.into()))?))
            .set_global_secondary_indexes(Some(indexes().map_err(|error| failed(error.into()))?));
        if let Err(error) = request.send().await {
            return Err(match error.as_service_error() {
                Some(error) if error.is_resource_in_use_exception() => {
                    CreateTableError::Exists { table }
                }
                _ => failed(error.into()),
            });
        }
        self.ready().await.map_err(failed)?;
        let ttl = TimeToLiveSpecification::builder().enabled(true).attribute_name(TTL).build();
        let ttl = ttl.map_err(|error| failed(error.into()))?;
        let request = self.client().update_time_to_live().table_name(&table);
        let answer = request.time_to_live_specification(ttl).send().await;
        answer.map(drop).map_err(|error| failed(error.into()))
    }

    async fn ready(&self) -> Result<(), Source> {
        for _ in 0..POLLS_MAX {
            let answer = self.client().describe_table().table_name(self.table()).send().await?;
            if answer.table.and_then(|table| table.table_status) == Some(TableStatus::Active) {
                return Ok(());
            }
            tokio::time::sleep(POLL).await;
        }
        Err("the table was not ready in time".into())
    }
}

fn attributes() -> Result<Vec<AttributeDefinition>, BuildError> {
    let names = GSIS.iter().flat_map(|gsi| [gsi.pk, gsi.sk]);
    let attribute = |name| {
        let attribute = AttributeDefinition::builder().attribute_name(name);
        attribute.attribute_type(ScalarAttributeType::S).build()
    };
    [PK, SK].into_iter().chain(names).map(attribute).collect()
}

fn keys(pk: &str, sk: &str) -> Result<Vec<KeySchemaElement>, BuildError> {
    let key = |name, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build();
    Ok(vec![key(pk, KeyType::Hash)?, key(sk, KeyType::Range)?])
}

/// The indexes hold keys only: what they find is read from the table.
fn indexes() -> Result<Vec<GlobalSecondaryIndex>, BuildError> {
    let index = |gsi: &crate::keys::Gsi| {
        let projection = Projection::builder().projection_type(ProjectionType::KeysOnly).build();
        let index = GlobalSecondaryIndex::builder().index_name(gsi.name).projection(projection);
        index.set_key_schema(Some(keys(gsi.pk, gsi.sk)?)).build()
    };
    GSIS.iter().map(index).collect()
}
