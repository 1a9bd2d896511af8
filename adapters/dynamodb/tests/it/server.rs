//! A DynamoDB in this process, and clients to it.

use std::net::SocketAddr;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Config, Credentials, Region};
use dynoxide::Database;
use logistics_dynamodb::{DynamoConfig, DynamoStore};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A server that ends when this is dropped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    /// An empty server on a free port.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let database = Database::memory().unwrap();
        let task = tokio::spawn(dynoxide::server::serve_on(listener, database));
        Self { address, task }
    }

    pub(crate) fn client(&self) -> Client {
        client(self.address, RetryConfig::standard())
    }

    /// A store in a new table.
    pub(crate) async fn store(&self, config: DynamoConfig) -> DynamoStore {
        let store = DynamoStore::new(self.client(), config);
        store.create_table().await.unwrap();
        store
    }
}

/// A client of the server at `address`.
pub(crate) fn client(address: SocketAddr, retries: RetryConfig) -> Client {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .endpoint_url(format!("http://{address}"))
        .region(Region::from_static("eu-west-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .retry_config(retries);
    Client::from_conf(config.build())
}
