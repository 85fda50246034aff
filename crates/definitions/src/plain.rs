//! The plain shape of a file, in YAML and JSON: `monitors:` with a list of entries, or the list
//! alone.

use crate::fault::{Fault, shortened};
use crate::load::Entry;
use crate::suggest::nearest;
use crate::tree::{Tree, Value};

/// How the plain shape looks, for remedies.
const SHAPE: &str = "write `monitors:` and below it a list of entries";

/// The entries of a file; what is wrong with the file as a whole goes to `faults`.
pub(crate) fn entries(root: Tree, file: &str, faults: &mut Vec<Fault>) -> Vec<Entry> {
    let list = match root.value {
        Value::List(list) => list,
        Value::Map(pairs) => monitors(pairs, file, faults),
        Value::Null => {
            faults.push(Fault::of_file(file, None, "holds no monitors", SHAPE));
            Vec::new()
        }
        other => {
            let problem = format!("holds {} instead of monitors", other.sort());
            faults.push(Fault::of_file(file, root.at, problem, SHAPE));
            Vec::new()
        }
    };
    let numbered = (1..).zip(list);
    numbered
        .map(|(number, tree)| Entry {
            file: file.to_owned(),
            number,
            tree,
        })
        .collect()
}

fn monitors(pairs: Vec<(String, Tree)>, file: &str, faults: &mut Vec<Fault>) -> Vec<Tree> {
    let mut found = None;
    for (name, tree) in pairs {
        match name.as_str() {
            "monitors" if found.is_some() => {
                let remedy = "move its entries to the first `monitors`";
                faults.push(Fault::of_file(
                    file,
                    tree.at,
                    "`monitors` is there twice",
                    remedy,
                ));
            }
            "monitors" => found = Some(tree),
            // A place for YAML anchors.
            _ if name.starts_with("x-") => {}
            _ => {
                let problem = format!("`{}` is not a known field of a file", shortened(&name));
                let remedy = match nearest(&name, ["monitors"]) {
                    Some(_) => "did you mean `monitors`?",
                    None => "remove it, or let its name begin with `x-`",
                };
                faults.push(Fault::of_file(file, tree.at, problem, remedy));
            }
        }
    }
    match found {
        Some(Tree {
            value: Value::List(list),
            ..
        }) => list,
        Some(Tree {
            value: Value::Null, ..
        }) => Vec::new(),
        Some(tree) => {
            let problem = format!("`monitors` is {}, not a list", tree.value.sort());
            faults.push(Fault::of_file(file, tree.at, problem, SHAPE));
            Vec::new()
        }
        None => {
            if faults.is_empty() {
                faults.push(Fault::of_file(file, None, "holds no monitors", SHAPE));
            }
            Vec::new()
        }
    }
}
