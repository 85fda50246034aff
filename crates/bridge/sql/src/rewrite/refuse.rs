//! What sqlparser accepts and Timestream does not.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    CastKind, Distinct, Expr, Function, GroupByExpr, OrderByKind, Query, Select, SelectItem,
    SetExpr, Spanned, TableFactor, Visit, Visitor,
};
use datafusion::sql::sqlparser::tokenizer::Location;

use crate::SqlError;
use crate::ast::{function_name, invalid_at, place, plain_arguments, start, syntax_error};
use crate::functions::{registry, takes_lambda};

/// Refuses foreign syntax and unknown functions, with the place.
pub(crate) fn check(query: &Query) -> Result<(), SqlError> {
    match query.visit(&mut Check::default()) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(error) => Err(error),
    }
}

/// Whether a name is one of Trino's geospatial functions.
fn is_geospatial(name: &str) -> bool {
    const OTHERS: [&str; 22] = [
        "bing_tile",
        "bing_tile_at",
        "bing_tile_coordinates",
        "bing_tile_polygon",
        "bing_tile_quadkey",
        "bing_tile_zoom_level",
        "bing_tiles_around",
        "convex_hull_agg",
        "from_encoded_polyline",
        "from_geojson_geometry",
        "geometry_from_hadoop_shape",
        "geometry_nearest_points",
        "geometry_to_bing_tiles",
        "geometry_union",
        "geometry_union_agg",
        "great_circle_distance",
        "line_interpolate_point",
        "line_locate_point",
        "simplify_geometry",
        "to_encoded_polyline",
        "to_geojson_geometry",
        "to_geometry",
    ];
    name.starts_with("st_") || name.contains("spherical_geography") || OTHERS.contains(&name)
}

#[derive(Default)]
struct Check {
    /// How many expressions are around the cursor.
    depth: usize,
}

/// The deepest expression: a chain of as many operators. Rows are computed by recursion on stacks
/// of two megabytes.
const MOST_DEPTH: usize = 200;

impl Check {
    fn refuse_if(&self, found: bool, at: Location) -> ControlFlow<SqlError> {
        if found {
            ControlFlow::Break(syntax_error(at))
        } else {
            ControlFlow::Continue(())
        }
    }
}

impl Check {
    fn refuse_if_lambda(&self, function: &Function) -> ControlFlow<SqlError> {
        let args = plain_arguments(function).unwrap_or_default();
        match args.iter().find(|arg| matches!(arg, Expr::Lambda(_))) {
            Some(_) => ControlFlow::Break(invalid_at(
                place(function.name.span()),
                format_args!("Function '{}' takes no lambda", function_name(function)),
            )),
            None => ControlFlow::Continue(()),
        }
    }

    fn refuse_wrong_window(&self, function: &Function, name: &str) -> ControlFlow<SqlError> {
        let text = match (&function.over, registry().is_window(name)) {
            (None, true) => format!("Window function '{name}' needs an OVER clause"),
            (Some(_), false) if !registry().is_aggregate(name) => {
                format!("Function '{name}' is no window function and takes no OVER clause")
            }
            _ => return ControlFlow::Continue(()),
        };
        ControlFlow::Break(invalid_at(place(function.name.span()), text))
    }
}

impl Visitor for Check {
    type Break = SqlError;

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<SqlError> {
        let at = place(query.span());
        let foreign = !query.locks.is_empty()
            || query.for_clause.is_some()
            || query.settings.is_some()
            || query.format_clause.is_some()
            || !query.pipe_operators.is_empty()
            || query
                .fetch
                .as_ref()
                .is_some_and(|fetch| fetch.with_ties || fetch.percent)
            || query.order_by.as_ref().is_some_and(|order| {
                order.interpolate.is_some() || matches!(order.kind, OrderByKind::All(_))
            })
            || matches!(
                *query.body,
                SetExpr::Insert(_)
                    | SetExpr::Update(_)
                    | SetExpr::Delete(_)
                    | SetExpr::Merge(_)
                    | SetExpr::Table(_)
            );
        self.refuse_if(foreign, at)
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<SqlError> {
        let at = place(select.select_token.0.span);
        let foreign = select.top.is_some()
            || select.into.is_some()
            || select.exclude.is_some()
            || !select.lateral_views.is_empty()
            || select.prewhere.is_some()
            || !select.connect_by.is_empty()
            || !select.cluster_by.is_empty()
            || !select.distribute_by.is_empty()
            || !select.sort_by.is_empty()
            || select.qualify.is_some()
            || select.value_table_mode.is_some()
            || matches!(select.distinct, Some(Distinct::On(_)))
            || matches!(select.group_by, GroupByExpr::All(_))
            || select.projection.iter().any(|item| match item {
                SelectItem::ExprWithAliases { .. } => true,
                // `SELECT 'a' 'b'`: a text is no name.
                SelectItem::ExprWithAlias { alias, .. } => alias.quote_style == Some('\''),
                _ => false,
            });
        self.refuse_if(foreign, at)
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<SqlError> {
        let allowed = match factor {
            TableFactor::Table {
                args,
                version,
                sample,
                json_path,
                partitions,
                ..
            } => {
                args.is_none()
                    && version.is_none()
                    && sample.is_none()
                    && json_path.is_none()
                    && partitions.is_empty()
            }
            TableFactor::Derived { .. } | TableFactor::NestedJoin { .. } => true,
            TableFactor::UNNEST { with_offset, .. } => !with_offset,
            _ => false,
        };
        self.refuse_if(!allowed, place(factor.span()))
    }

    fn post_visit_expr(&mut self, _: &Expr) -> ControlFlow<SqlError> {
        self.depth -= 1;
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<SqlError> {
        self.depth += 1;
        if self.depth > MOST_DEPTH {
            return ControlFlow::Break(SqlError::Validation(format!(
                "an expression is more than {MOST_DEPTH} operators deep; use IN for long lists \
                 of values"
            )));
        }
        match expr {
            Expr::Function(function) => {
                let name = function_name(function);
                if is_geospatial(&name) {
                    let at = place(function.name.span());
                    return ControlFlow::Break(invalid_at(
                        at,
                        format_args!(
                            "Function '{name}' is not supported: this server has no geospatial \
                             functions"
                        ),
                    ));
                }
                if !registry().is_public(&name) {
                    let at = place(function.name.span());
                    return ControlFlow::Break(invalid_at(
                        at,
                        format_args!("Function '{name}' not registered"),
                    ));
                }
                self.refuse_wrong_window(function, &name)?;
                if registry().higher_order(&name).is_some() || takes_lambda(&name) {
                    return ControlFlow::Continue(());
                }
                self.refuse_if_lambda(function)
            }
            Expr::AtTimeZone { .. } => ControlFlow::Break(invalid_at(
                start(expr),
                "AT TIME ZONE is not supported: all times are UTC",
            )),
            Expr::Cast { kind, .. } => {
                let foreign = !matches!(kind, CastKind::Cast | CastKind::TryCast);
                self.refuse_if(foreign, start(expr))
            }
            Expr::ILike { .. }
            | Expr::SimilarTo { .. }
            | Expr::RLike { .. }
            | Expr::JsonAccess { .. }
            | Expr::Collate { .. }
            | Expr::Overlay { .. }
            | Expr::Struct { .. }
            | Expr::Dictionary(_)
            | Expr::Map(_)
            | Expr::MatchAgainst { .. }
            | Expr::OuterJoin(_)
            | Expr::Prior(_)
            | Expr::MemberOf(_)
            | Expr::Convert { .. } => ControlFlow::Break(syntax_error(start(expr))),
            _ => ControlFlow::Continue(()),
        }
    }
}
