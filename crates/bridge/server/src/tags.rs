//! Operations on tags.

use tidewatch_wire::{
    ApiError, Empty, ErrorCode, ListTagsForResourceRequest, ListTagsForResourceResponse, Request,
    Tag, TagResourceRequest, UntagResourceRequest,
};

use crate::arn::Resource;
use crate::state::State;
use crate::{Bridge, failure};

/// The most tags of a resource.
const MAX_TAGS: usize = 50;

impl Bridge {
    /// Sets tags of a database or table.
    pub async fn tag_resource(&self, request: TagResourceRequest) -> Result<Empty, ApiError> {
        request.validate()?;
        let path = self.tagged_resource(request.resource_arn)?.path();
        let new = pairs(request.tags);
        self.in_state(move |state| {
            let mut after: Vec<_> = state.tags(&path).map_err(failure::state)?;
            after.retain(|(key, _)| new.iter().all(|(new, _)| new != key));
            check_number(after.len() + new.len())?;
            state.set_tags(&path, &new).map_err(failure::state)
        })
        .await?;
        Ok(Empty {})
    }

    /// Removes tags of a database or table.
    pub async fn untag_resource(&self, request: UntagResourceRequest) -> Result<Empty, ApiError> {
        request.validate()?;
        let path = self.tagged_resource(request.resource_arn)?.path();
        let keys = request.tag_keys.unwrap_or_default();
        self.in_state(move |state| state.remove_tags(&path, &keys).map_err(failure::state))
            .await?;
        Ok(Empty {})
    }

    /// All tags of a database or table. There are so few that one page always holds them.
    pub async fn list_tags_for_resource(
        &self,
        request: ListTagsForResourceRequest,
    ) -> Result<ListTagsForResourceResponse, ApiError> {
        request.validate()?;
        let path = self.tagged_resource(request.resource_arn)?.path();
        let tags = self
            .in_state(move |state| state.tags(&path).map_err(failure::state))
            .await?;
        let tags = tags
            .into_iter()
            .map(|(key, value)| Tag {
                key: Some(key),
                value: Some(value),
            })
            .collect();
        Ok(ListTagsForResourceResponse {
            tags: Some(tags),
            next_token: None,
        })
    }

    /// The tags of a resource that is about to be created.
    pub(crate) fn new_tags(
        &self,
        tags: Option<Vec<Tag>>,
    ) -> Result<Vec<(String, String)>, ApiError> {
        let tags = pairs(tags);
        check_number(tags.len())?;
        Ok(tags)
    }

    /// Leaves a resource with exactly these tags. A new resource goes through this, too: one of
    /// the same name may have been deleted by a process that died before its tags were.
    pub(crate) async fn replace_tags(
        &self,
        resource: &Resource,
        tags: Vec<(String, String)>,
    ) -> Result<(), ApiError> {
        let path = resource.path();
        self.in_state(move |state| state.replace_tags(&path, &tags).map_err(failure::state))
            .await
    }

    /// Works on the state file where blocking harms nobody.
    pub(crate) async fn in_state<T: Send + 'static>(
        &self,
        work: impl FnOnce(&State) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let state = self.shared.state.clone();
        let done = tokio::task::spawn_blocking(move || work(&state)).await;
        done.unwrap_or_else(|stopped| {
            Err(failure::internal(
                &stopped,
                "work on the state file was stopped",
            ))
        })
    }

    fn tagged_resource(&self, arn: Option<String>) -> Result<Resource, ApiError> {
        let arn = arn.unwrap_or_default();
        let resource = Resource::from_arn(&arn)
            .ok_or_else(|| ApiError::not_found(format!("The resource {arn} does not exist.")))?;
        match &resource {
            Resource::Database(name) => self.store().describe_database(name).map(drop),
            Resource::Table { database, table } => {
                self.store().describe_table(database, table).map(drop)
            }
        }
        .map_err(failure::catalog)?;
        Ok(resource)
    }
}

fn check_number(tags: usize) -> Result<(), ApiError> {
    if tags > MAX_TAGS {
        return Err(ApiError::new(
            ErrorCode::ServiceQuotaExceeded,
            format!("A resource can have {MAX_TAGS} tags; these would be {tags}."),
        ));
    }
    Ok(())
}

/// Keys and values of validated tags; of equal keys the last one counts.
fn pairs(tags: Option<Vec<Tag>>) -> Vec<(String, String)> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    for tag in tags.unwrap_or_default() {
        let (key, value) = (tag.key.unwrap_or_default(), tag.value.unwrap_or_default());
        pairs.retain(|(earlier, _)| *earlier != key);
        pairs.push((key, value));
    }
    pairs
}
