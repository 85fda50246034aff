use super::fixture::Tables;

#[tokio::test]
async fn explore() {
    let Ok(text) = std::fs::read_to_string("/tmp/sqlx/explore.sql") else {
        return;
    };
    let tables = Tables::read();
    for sql in text
        .split(";;")
        .map(str::trim)
        .filter(|sql| !sql.is_empty())
    {
        println!("-- {sql}");
        match tables.run(sql).await {
            Ok(answer) => {
                let columns: Vec<_> = answer
                    .columns
                    .iter()
                    .map(|(n, t)| format!("{n}:{t}"))
                    .collect();
                println!("   {}", columns.join(" | "));
                for row in answer.texts() {
                    println!("   {}", row.join(" | "));
                }
            }
            Err(error) => println!("   !! {error:?}"),
        }
    }
}
