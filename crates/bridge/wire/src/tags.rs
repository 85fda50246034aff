//! Tags of databases and tables.

use crate::{Empty, Faults, Operation, Request, path::Path, shape::shapes};

shapes! {
    /// A key with its value.
    Tag {
        /// 1 to 128 characters; unique within a resource.
        key: Option<String>,
        /// Up to 256 characters; may be empty.
        value: Option<String>,
    }

    /// Sets tags; a key that is there already gets the new value.
    TagResourceRequest {
        /// The resource.
        #[serde(rename = "ResourceARN")]
        resource_arn: Option<String>,
        /// At most 200.
        tags: Option<Vec<Tag>>,
    }

    /// Removes tags; keys that are not there are no error.
    UntagResourceRequest {
        /// The resource.
        #[serde(rename = "ResourceARN")]
        resource_arn: Option<String>,
        /// At most 200.
        tag_keys: Option<Vec<String>>,
    }

    /// Asks for the tags of a resource.
    ListTagsForResourceRequest {
        /// The resource.
        #[serde(rename = "ResourceARN")]
        resource_arn: Option<String>,
        /// Query API only: the most tags of a page, 1 to 200.
        max_results: Option<i64>,
        /// Query API only: where the page begins.
        next_token: Option<String>,
    }

    /// The tags of a resource.
    ListTagsForResourceResponse {
        /// Sorted by key.
        tags: Option<Vec<Tag>>,
        /// Present when there are more.
        next_token: Option<String>,
    }
}

/// The longest ARN in characters, as the query model has it; the write model stops at 1011.
const MAX_ARN: usize = 2048;
/// The most tags in one request.
const MAX_TAGS: usize = 200;
/// The longest key in characters.
const MAX_KEY: usize = 128;
/// The longest value in characters.
const MAX_VALUE: usize = 256;

impl Request for TagResourceRequest {
    const OPERATION: Operation = Operation::TagResource;
    type Response = Empty;

    fn check(&self, faults: &mut Faults) {
        check_arn(faults, &self.resource_arn);
        if faults
            .required(Path::Root.member("tags"), &self.tags)
            .is_some()
        {
            check_tags(faults, &self.tags);
        }
    }
}

impl Request for UntagResourceRequest {
    const OPERATION: Operation = Operation::UntagResource;
    type Response = Empty;

    fn check(&self, faults: &mut Faults) {
        check_arn(faults, &self.resource_arn);
        let at = Path::Root.member("tagKeys");
        if let Some(keys) = faults.required(at, &self.tag_keys) {
            faults.items(at, keys, 0, MAX_TAGS);
            for (index, key) in keys.iter().enumerate() {
                faults.length(at.item(index), key, 1, MAX_KEY);
            }
        }
    }
}

impl Request for ListTagsForResourceRequest {
    const OPERATION: Operation = Operation::ListTagsForResource;
    type Response = ListTagsForResourceResponse;

    fn check(&self, faults: &mut Faults) {
        check_arn(faults, &self.resource_arn);
        if let Some(max) = self.max_results {
            faults.range(Path::Root.member("maxResults"), max, 1, 200);
        }
    }
}

/// The tags of a request that creates or tags a resource.
pub(crate) fn check_tags(faults: &mut Faults, tags: &Option<Vec<Tag>>) {
    let Some(tags) = tags else { return };
    let at = Path::Root.member("tags");
    faults.items(at, tags, 0, MAX_TAGS);
    for (index, tag) in tags.iter().enumerate() {
        let at = at.item(index);
        if let Some(key) = faults.required(at.member("key"), &tag.key) {
            faults.length(at.member("key"), key, 1, MAX_KEY);
        }
        if let Some(value) = faults.required(at.member("value"), &tag.value) {
            faults.length(at.member("value"), value, 0, MAX_VALUE);
        }
    }
}

fn check_arn(faults: &mut Faults, arn: &Option<String>) {
    let at = Path::Root.member("resourceARN");
    if let Some(arn) = faults.required(at, arn) {
        faults.length(at, arn, 1, MAX_ARN);
    }
}
