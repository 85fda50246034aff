//! A whole story: create, write, reject, replace, query of every type, pages, cancel, tags.

use aws_sdk_timestreamquery as query;
use aws_sdk_timestreamwrite as write;
use query::types::{Datum, ScalarType};
use write::types::{Dimension, MeasureValue, MeasureValueType, Record, Tag};

/// Both clients of a server.
pub(super) struct Clients {
    pub(super) write: write::Client,
    pub(super) query: query::Client,
    /// What the server takes for the present, in milliseconds.
    pub(super) now: i64,
}

const DATABASE: &str = "acme";
const TABLE: &str = "readings";

/// Tells the whole story.
pub(super) async fn told_by(clients: &Clients) {
    clients.create().await;
    clients.write_and_replace().await;
    clients.ask_for_every_type().await;
    clients.read_pages().await;
    clients.cancel().await;
    clients.tag().await;
    clients.delete().await;
}

impl Clients {
    async fn create(&self) {
        let create = self.write.create_database().database_name(DATABASE);
        let team = Tag::builder().key("team").value("web").build().unwrap();
        create.tags(team).send().await.unwrap();
        let create = || {
            let create = self.write.create_table();
            create.database_name(DATABASE).table_name(TABLE).send()
        };
        create().await.unwrap();
        let again = create().await.unwrap_err().into_service_error();
        assert!(again.is_conflict_exception(), "{again:?}");
    }

    fn record(&self, name: &str, host: &str) -> write::types::builders::RecordBuilder {
        let host = Dimension::builder().name("host").value(host);
        Record::builder()
            .dimensions(host.build().unwrap())
            .measure_name(name)
            .time(self.now.to_string())
    }

    async fn put(&self, records: Vec<Record>) -> Result<i32, write::Error> {
        let put = self.write.write_records();
        let put = put.database_name(DATABASE).table_name(TABLE);
        let written = put.set_records(Some(records)).send().await?;
        Ok(written.records_ingested().unwrap().total())
    }

    async fn write_and_replace(&self) {
        let load = |value: &str| {
            let record = self.record("load", "a").measure_value(value);
            record.measure_value_type(MeasureValueType::Double)
        };
        assert_eq!(self.put(vec![load("1").build()]).await.unwrap(), 1);
        let other = load("3").measure_name("other").build();
        let refused = self.put(vec![load("2").build(), other]).await.unwrap_err();
        let write::Error::RejectedRecordsException(refused) = refused else {
            panic!("{refused:?}");
        };
        let [rejected] = refused.rejected_records() else {
            panic!("{refused:?}");
        };
        assert_eq!(rejected.record_index(), 0);
        assert_eq!(rejected.existing_version(), Some(1));
        let newer = load("2").version(2).build();
        assert_eq!(self.put(vec![newer]).await.unwrap(), 1);
        let rows = "SELECT measure_name, measure_value::double FROM acme.readings ORDER BY 1";
        assert_eq!(
            self.ask(rows).await,
            [["load", "2.0"], ["other", "3.0"]].map(|row| row.map(str::to_owned).to_vec())
        );
    }

    async fn ask(&self, statement: &str) -> Vec<Vec<String>> {
        let page = self.query.query().query_string(statement).send().await;
        let page = page.unwrap();
        let row = |row: &query::types::Row| row.data().iter().map(scalar).collect();
        page.rows().iter().map(row).collect()
    }

    async fn ask_for_every_type(&self) {
        let now = self.now.to_string();
        let values = [
            ("d", "1.5", MeasureValueType::Double),
            ("i", "7", MeasureValueType::Bigint),
            ("s", "text", MeasureValueType::Varchar),
            ("b", "true", MeasureValueType::Boolean),
            ("t", &now, MeasureValueType::Timestamp),
        ];
        let values = values.map(|(name, value, kind)| {
            let value = MeasureValue::builder().name(name).value(value).r#type(kind);
            value.build().unwrap()
        });
        let record = self
            .record("all", "b")
            .measure_value_type(MeasureValueType::Multi)
            .set_measure_values(Some(values.to_vec()));
        assert_eq!(self.put(vec![record.build()]).await.unwrap(), 1);
        let statement = "SELECT d, i, s, b, t, 1d, ARRAY[i] AS a, ROW(s, b) AS r, \
                         CAST(NULL AS double) AS n FROM acme.readings WHERE measure_name = 'all'";
        let page = self.query.query().query_string(statement).send().await;
        let page = page.unwrap();
        let types = page.column_info().iter().map(|column| column.r#type());
        let types: Vec<Option<&ScalarType>> = types.map(|it| it.unwrap().scalar_type()).collect();
        let expected = [
            Some(&ScalarType::Double),
            Some(&ScalarType::Bigint),
            Some(&ScalarType::Varchar),
            Some(&ScalarType::Boolean),
            Some(&ScalarType::Timestamp),
            Some(&ScalarType::IntervalDayToSecond),
            None,
            None,
            Some(&ScalarType::Double),
        ];
        assert_eq!(types, expected);
        let [row] = page.rows() else {
            panic!("{:?}", page.rows());
        };
        let cells: Vec<String> = row.data()[..4].iter().map(scalar).collect();
        assert_eq!(cells, ["1.5", "7", "text", "true"]);
        assert_eq!(scalar(&row.data()[5]), "1 00:00:00.000000000");
        assert_eq!(scalar(&row.data()[6].array_value()[0]), "7");
        let fields = row.data()[7].row_value().unwrap().data();
        let fields: Vec<String> = fields.iter().map(scalar).collect();
        assert_eq!(fields, ["text", "true"]);
        assert_eq!(row.data()[8].null_value(), Some(true));

        let series = "SELECT CREATE_TIME_SERIES(time, d) AS s FROM acme.readings \
                      WHERE measure_name = 'all'";
        let page = self.query.query().query_string(series).send().await;
        let page = page.unwrap();
        let [point] = page.rows()[0].data()[0].time_series_value() else {
            panic!("{:?}", page.rows());
        };
        assert_eq!(scalar(point.value().unwrap()), "1.5");
    }

    async fn read_pages(&self) {
        let (mut pages, mut token) = (Vec::new(), None);
        loop {
            let ask = self.query.query().query_string(TEN).max_rows(4);
            let page = ask.set_next_token(token).send().await.unwrap();
            let numbers = page.rows().iter().map(|row| scalar(&row.data()[0]));
            pages.push(numbers.collect::<Vec<_>>().join(" "));
            token = page.next_token().map(str::to_owned);
            if token.is_none() {
                break;
            }
        }
        assert_eq!(pages, ["1 2 3 4", "5 6 7 8", "9 10"]);
    }

    async fn cancel(&self) {
        let ask = || self.query.query().query_string(TEN).max_rows(2);
        let first = ask().send().await.unwrap();
        let cancelled = self.query.cancel_query().query_id(first.query_id());
        cancelled.send().await.unwrap();
        let next = ask().next_token(first.next_token().unwrap()).send().await;
        let refused = next.unwrap_err().into_service_error();
        assert!(refused.is_conflict_exception(), "{refused:?}");
    }

    async fn tag(&self) {
        let described = self.write.describe_database().database_name(DATABASE);
        let described = described.send().await.unwrap();
        let arn = described.database().unwrap().arn().unwrap();
        let stage = Tag::builder().key("stage").value("test").build().unwrap();
        let set = self.write.tag_resource().resource_arn(arn);
        set.tags(stage.clone()).send().await.unwrap();
        let removed = self.write.untag_resource().resource_arn(arn);
        removed.tag_keys("team").send().await.unwrap();
        let listed = self.write.list_tags_for_resource().resource_arn(arn);
        assert_eq!(listed.send().await.unwrap().tags(), [stage]);
    }

    async fn delete(&self) {
        let table = self.write.delete_table().database_name(DATABASE);
        table.table_name(TABLE).send().await.unwrap();
        let database = self.write.delete_database().database_name(DATABASE);
        database.send().await.unwrap();
        let gone = self.write.describe_database().database_name(DATABASE);
        let gone = gone.send().await.unwrap_err().into_service_error();
        assert!(gone.is_resource_not_found_exception(), "{gone:?}");
    }
}

const TEN: &str = "SELECT n FROM UNNEST(sequence(1, 10)) AS t (n) ORDER BY n";

fn scalar(datum: &Datum) -> String {
    datum.scalar_value().unwrap().to_owned()
}
