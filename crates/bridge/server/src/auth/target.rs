//! What a request is about.

use tidewatch_wire::{
    CancelQueryRequest, CreateDatabaseRequest, CreateTableRequest, DeleteDatabaseRequest,
    DeleteTableRequest, DescribeAccountSettingsRequest, DescribeDatabaseRequest,
    DescribeTableRequest, ListDatabasesRequest, ListTablesRequest, ListTagsForResourceRequest,
    PrepareQueryRequest, QueryRequest, Request, TagResourceRequest, UntagResourceRequest,
    UpdateAccountSettingsRequest, UpdateDatabaseRequest, UpdateTableRequest, WriteRecordsRequest,
};

use crate::arn::Resource;
use crate::settings::Settings;

/// What a request is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target<'a> {
    /// Whatever the caller may see: the operation leaves out the rest by itself.
    Visible,
    /// The server as a whole.
    Server,
    /// What the caller may see of one database.
    Listing(&'a str),
    /// One database or table. A name that the request lacks is empty, which is no key's.
    Resource(Resource),
}

impl Target<'_> {
    pub(crate) fn arn(&self, settings: &Settings) -> String {
        match self {
            Target::Visible | Target::Server => "*".to_owned(),
            Target::Listing(database) => Resource::database(database).arn(settings),
            Target::Resource(resource) => resource.arn(settings),
        }
    }
}

/// A request that says what it is about, so that it can be permitted or refused before anything is
/// done.
pub(crate) trait Guarded: Request {
    /// What it is about. The request was not validated yet.
    fn target(&self) -> Target<'_>;
}

fn database(name: &Option<String>) -> Target<'_> {
    Target::Resource(Resource::database(name.as_deref().unwrap_or_default()))
}

fn table<'a>(database: &Option<String>, name: &Option<String>) -> Target<'a> {
    Target::Resource(Resource::table(
        database.as_deref().unwrap_or_default(),
        name.as_deref().unwrap_or_default(),
    ))
}

/// A text that is no ARN of this service names nothing that a key could be limited to.
fn tagged(arn: &Option<String>) -> Target<'_> {
    arn.as_deref()
        .and_then(Resource::from_arn)
        .map_or(Target::Server, Target::Resource)
}

macro_rules! guarded {
    ($($request:ty => |$this:pat_param| $target:expr),+ $(,)?) => {
        $(impl Guarded for $request {
            fn target(&self) -> Target<'_> {
                let $this = self;
                $target
            }
        })+
    };
}

guarded! {
    QueryRequest => |_| Target::Visible,
    PrepareQueryRequest => |_| Target::Visible,
    CancelQueryRequest => |_| Target::Visible,
    ListDatabasesRequest => |_| Target::Visible,
    DescribeAccountSettingsRequest => |_| Target::Visible,
    UpdateAccountSettingsRequest => |_| Target::Server,
    ListTablesRequest => |this| match &this.database_name {
        Some(name) => Target::Listing(name),
        None => Target::Visible,
    },
    CreateDatabaseRequest => |this| database(&this.database_name),
    DescribeDatabaseRequest => |this| database(&this.database_name),
    UpdateDatabaseRequest => |this| database(&this.database_name),
    DeleteDatabaseRequest => |this| database(&this.database_name),
    CreateTableRequest => |this| table(&this.database_name, &this.table_name),
    DescribeTableRequest => |this| table(&this.database_name, &this.table_name),
    UpdateTableRequest => |this| table(&this.database_name, &this.table_name),
    DeleteTableRequest => |this| table(&this.database_name, &this.table_name),
    WriteRecordsRequest => |this| table(&this.database_name, &this.table_name),
    TagResourceRequest => |this| tagged(&this.resource_arn),
    UntagResourceRequest => |this| tagged(&this.resource_arn),
    ListTagsForResourceRequest => |this| tagged(&this.resource_arn),
}
