//! Types that the rewrite writes down by their canonical names.

use datafusion::common::Result;
use datafusion::common::datatype::DataTypeExt;
use datafusion::logical_expr::planner::TypePlanner;
use datafusion::sql::sqlparser::ast::DataType as SqlType;

use crate::dialect::arrow_type;

#[derive(Debug)]
pub(super) struct Types;

impl TypePlanner for Types {
    fn plan_type_field(&self, sql_type: &SqlType) -> Result<Option<arrow::datatypes::FieldRef>> {
        let SqlType::Custom(name, _) = sql_type else {
            return Ok(None);
        };
        let name = name.0.first().and_then(|part| part.as_ident());
        Ok(name
            .and_then(|name| arrow_type(&name.value))
            .map(|data_type| data_type.into_nullable_field_ref()))
    }
}
